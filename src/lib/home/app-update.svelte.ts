import { applyUpdate, watchForUpdates } from '../ui/app-update'

class AppUpdateState {
  isWaiting = $state(false)
  #registration: ServiceWorkerRegistration | null = null

  /** Returns a function that stops it. */
  watch(): () => void {
    if (!('serviceWorker' in navigator)) return () => {}
    let stop = () => {}
    void navigator.serviceWorker.ready.then((registration) => {
      this.#registration = registration
      stop = watchForUpdates(registration, () => (this.isWaiting = true))
    })
    return () => stop()
  }

  apply = () => applyUpdate(this.#registration)
}

export const appUpdate = new AppUpdateState()
