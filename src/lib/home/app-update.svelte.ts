import { pollWhileVisible } from '../poll'

/** How often an installed app that is never closed checks for a new version. */
const CHECK_EVERY_MS = 3_600_000

/** A new version waits until the person reloads: a page must not change while it is being used. */
class AppUpdateState {
  isWaiting = $state(false)
  #registration: ServiceWorkerRegistration | null = null

  /** Returns a function that stops it. */
  watch(): () => void {
    if (!('serviceWorker' in navigator)) return () => {}
    void navigator.serviceWorker.ready.then((registration) => this.#follow(registration))
    return pollWhileVisible(
      CHECK_EVERY_MS,
      (isBack) => isBack || this.#registration?.update().catch(() => undefined),
    )
  }

  /** Another tab may have applied the update already; then a reload is enough. */
  apply = () => {
    const { waiting } = this.#registration ?? {}
    if (!waiting) return location.reload()
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), {
      once: true,
    })
    waiting.postMessage('use-new-version')
  }

  #follow(registration: ServiceWorkerRegistration) {
    this.#registration = registration
    const check = () => {
      // The first installation replaces no earlier version.
      if (registration.waiting && navigator.serviceWorker.controller) this.isWaiting = true
    }
    registration.addEventListener('updatefound', () =>
      registration.installing?.addEventListener('statechange', check),
    )
    check()
  }
}

export const appUpdate = new AppUpdateState()
