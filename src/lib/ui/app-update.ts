/** An installed app may stay open for days. */
const UPDATE_CHECK_MS = 3_600_000

/**
 * Calls `onWaiting` when a new version is installed. A page must not change while someone uses it, so the new version
 * waits until the person reloads. Returns a function that stops watching.
 */
export function watchForUpdates(registration: ServiceWorkerRegistration, onWaiting: () => void) {
  const report = () => {
    // The first version that is installed replaces no other.
    if (registration.waiting && navigator.serviceWorker.controller) onWaiting()
  }
  registration.addEventListener('updatefound', () =>
    registration.installing?.addEventListener('statechange', report),
  )
  report()
  const timer = setInterval(
    () => void registration.update().catch(() => undefined),
    UPDATE_CHECK_MS,
  )
  return () => clearInterval(timer)
}

export function applyUpdate(registration: ServiceWorkerRegistration | null) {
  // Another tab may have applied it already.
  if (!registration?.waiting) return location.reload()
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), {
    once: true,
  })
  registration.waiting.postMessage('use-new-version')
}
