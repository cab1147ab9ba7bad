/** An app that is never left asks for a new version of itself so often. ms. */
const ASK_EVERY_MS = 3_600_000

/** A new version waits until somebody says so: a page must not change under somebody's hands. static/status.js does the same. */
class UpdateState {
  isWaiting = $state(false)
  #registration: ServiceWorkerRegistration | null = null

  /** Returns how to stop. */
  watch(): () => void {
    if (!('serviceWorker' in navigator)) return () => {}
    void navigator.serviceWorker.ready.then((registration) => this.#follow(registration))
    const timer = setInterval(
      () => void this.#registration?.update().catch(() => undefined),
      ASK_EVERY_MS,
    )
    return () => clearInterval(timer)
  }

  /** Another tab may have said so already: then there is nothing to wait for. */
  use = () => {
    const { waiting } = this.#registration ?? {}
    if (!waiting) return location.reload()
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), {
      once: true,
    })
    waiting.postMessage('use-new-version')
  }

  #follow(registration: ServiceWorkerRegistration) {
    this.#registration = registration
    const look = () => {
      // The first one there is replaces nobody.
      if (registration.waiting && navigator.serviceWorker.controller) this.isWaiting = true
    }
    registration.addEventListener('updatefound', () =>
      registration.installing?.addEventListener('statechange', look),
    )
    look()
  }
}

export const update = new UpdateState()
