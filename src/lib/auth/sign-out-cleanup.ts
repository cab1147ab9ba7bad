import { closeStored } from '../storage'

const PREFIX = 'porchlight.'
/** Preferences of this device, which say nothing about its owner. */
const PREFERENCES = new Set([`${PREFIX}theme`, `${PREFIX}choices`])
/** Other tabs notice the sign-out because this changes. */
const SIGNED_OUT = `${PREFIX}signed-out`
/** Where the service worker caches the last status page. */
const CACHED_PAGES = 'porchlight-kept'

/** Deletes drafts, answers and verdicts from this device, including its other tabs. */
export async function forgetAll() {
  closeStored()
  try {
    for (const area of [sessionStorage, localStorage]) clear(area)
    localStorage.setItem(SIGNED_OUT, String(Date.now()))
  } catch {
    // Storage is switched off, so nothing is stored.
  }
  if ('caches' in globalThis) await caches.delete(CACHED_PAGES).catch(() => false)
}

function clear(area: Storage) {
  for (const key of Object.keys(area))
    if (key.startsWith(PREFIX) && !PREFERENCES.has(key)) area.removeItem(key)
}

const signedOutAt = () => {
  try {
    return localStorage.getItem(SIGNED_OUT)
  } catch {
    return null
  }
}

/**
 * Leaves this page when another tab signs out, or when the browser restores it from its history after a sign-out: it must
 * neither show nor store again what was deleted. Returns a function that stops it.
 */
export function leaveWithOthers(): () => void {
  const before = signedOutAt()
  const leave = () => {
    if (signedOutAt() === before) return
    closeStored()
    clear(sessionStorage)
    location.replace('/sign-in')
  }
  const over = new AbortController()
  addEventListener('storage', leave, { signal: over.signal })
  addEventListener('pageshow', leave, { signal: over.signal })
  return () => over.abort()
}
