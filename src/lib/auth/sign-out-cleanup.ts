import { closeStored } from '../storage'

const PREFIX = 'porchlight.'
/** How this device shows things; nothing of anybody's. */
const KEPT = new Set([`${PREFIX}theme`, `${PREFIX}choices`])
/** Telling the other tabs is a change of this. */
const SIGNED_OUT = `${PREFIX}signed-out`
/** Where the service worker keeps the last page that told the state of the home. */
const KEPT_PAGES = 'porchlight-kept'

/** Drafts, answers and verdicts leave this device, also out of its other tabs. */
export async function forgetAll() {
  closeStored()
  try {
    for (const place of [sessionStorage, localStorage]) forget(place)
    localStorage.setItem(SIGNED_OUT, String(Date.now()))
  } catch {
    // Storage is switched off: then nothing was kept.
  }
  await globalThis.caches?.delete(KEPT_PAGES).catch(() => false)
}

function forget(place: Storage) {
  for (const key of Object.keys(place))
    if (key.startsWith(PREFIX) && !KEPT.has(key)) place.removeItem(key)
}

const signedOutAt = () => {
  try {
    return localStorage.getItem(SIGNED_OUT)
  } catch {
    return null
  }
}

/**
 * Another tab has signed out, or this page was left for signing out and comes back as its browser has kept it: it must not
 * show, nor write down again, what was deleted there. Returns how to stop.
 */
export function leaveWithOthers(): () => void {
  const before = signedOutAt()
  const leave = () => {
    if (signedOutAt() === before) return
    closeStored()
    forget(sessionStorage)
    location.replace('/sign-in')
  }
  const over = new AbortController()
  addEventListener('storage', leave, { signal: over.signal })
  addEventListener('pageshow', leave, { signal: over.signal })
  return () => over.abort()
}
