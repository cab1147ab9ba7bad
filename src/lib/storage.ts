/** This tab first, then the device: two tabs write side by side, and each finds its own again after a reload. */
const PLACES = [() => sessionStorage, () => localStorage] as const

/** What was kept under `key`, whatever shape it has by now: this tab's own, else the latest of this device. */
export function readStored(key: string): unknown {
  for (const place of PLACES) {
    const value = readFrom(place, key)
    if (value !== null) return value
  }
  return null
}

/** Storage may be switched off, or hold what is not JSON: then nothing was kept. */
function readFrom(place: () => Storage, key: string): unknown {
  try {
    const text = place().getItem(`porchlight.${key}`)
    return text === null ? null : JSON.parse(text)
  } catch {
    return null
  }
}

let isClosed = false

/** From now on nothing is kept: whoever was here has signed out, and the page is about to be left. */
export function closeStored() {
  isClosed = true
}

/** Whether it could be kept on this device. Storage may be full or switched off, and nothing breaks. */
export function keepStored(key: string, value: unknown): boolean {
  if (isClosed) return false
  const text = JSON.stringify(value)
  return PLACES.map((place) => writeTo(place, key, text)).at(-1) ?? false
}

export function forgetStored(key: string) {
  for (const place of PLACES) {
    try {
      place().removeItem(`porchlight.${key}`)
    } catch {
      // Switched off: then nothing was kept.
    }
  }
}

function writeTo(place: () => Storage, key: string, text: string): boolean {
  try {
    place().setItem(`porchlight.${key}`, text)
    return true
  } catch {
    return false
  }
}
