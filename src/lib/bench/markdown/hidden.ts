/** Signs that turn the direction of text or take no room: with them code can read otherwise than it runs. */
const HIDDEN = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g

/** The text with such signs shown by their number. */
export const showHidden = (text: string): string =>
  text.replace(
    HIDDEN,
    (sign) => `[U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`,
  )
