/** What this device keeps. Storage may be full or switched off: then nothing is kept, and nothing breaks. */
export function readStored<Value>(key: string): Value | null {
  try {
    const text = localStorage.getItem(`porchlight.${key}`)
    return text === null ? null : (JSON.parse(text) as Value)
  } catch {
    return null
  }
}

/** Whether it could be kept. */
export function keepStored(key: string, value: unknown): boolean {
  try {
    localStorage.setItem(`porchlight.${key}`, JSON.stringify(value))
    return true
  } catch {
    return false
  }
}
