/** Why the page may lack the latest verdict. `connection`: this device's or Porchlight's own; from here they look the same. */
export const BANNERS = {
  device: 'Your phone is offline. This is the last answer it kept.',
  connection:
    'Porchlight cannot be reached. Either this device has no connection, or Porchlight is down. This is the last answer that was kept.',
  checker: 'Our checker is late. This says nothing about your home.',
} as const

export type Trouble = keyof typeof BANNERS
