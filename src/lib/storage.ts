/** This tab first, then the device: two tabs write independently, and each finds its own value after a reload. */
const AREAS = [() => sessionStorage, () => localStorage] as const

/** The value of this tab, otherwise the latest of the device. An earlier version may have stored it in another form. */
export function readStored(key: string): unknown {
  for (const area of AREAS) {
    const value = readFrom(area, key)
    if (value !== null) return value
  }
  return null
}

/** Storage may be switched off, or hold something that is not JSON; both count as empty. */
function readFrom(area: () => Storage, key: string): unknown {
  try {
    const text = area().getItem(`porchlight.${key}`)
    return text === null ? null : JSON.parse(text)
  } catch {
    return null
  }
}

let isClosed = false

/** Stops all further writes: the owner has signed out, and the page is about to be left. */
export function closeStored() {
  isClosed = true
}

/** Returns whether the device could store it. Storage may be full or switched off, which breaks nothing. */
export function keepStored(key: string, value: unknown): boolean {
  if (isClosed) return false
  const text = JSON.stringify(value)
  return AREAS.map((area) => writeTo(area, key, text)).at(-1) ?? false
}

export function forgetStored(key: string) {
  for (const area of AREAS) {
    try {
      area().removeItem(`porchlight.${key}`)
    } catch {
      // Storage is switched off, so nothing is stored.
    }
  }
}

function writeTo(area: () => Storage, key: string, text: string): boolean {
  try {
    area().setItem(`porchlight.${key}`, text)
    return true
  } catch {
    return false
  }
}

/** A text that all tabs of this device share; `null` without one, or without storage. */
export function readDeviceValue(key: string): string | null {
  try {
    return localStorage.getItem(`porchlight.${key}`)
  } catch {
    return null
  }
}

/** `null` removes it. Without storage the value is lost, and nothing breaks. */
export function writeDeviceValue(key: string, value: string | null) {
  try {
    if (value === null) localStorage.removeItem(`porchlight.${key}`)
    else localStorage.setItem(`porchlight.${key}`, value)
  } catch {
    // Storage is full or switched off.
  }
}
