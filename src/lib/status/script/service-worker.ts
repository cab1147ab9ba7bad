import { applyUpdate, watchForUpdates } from '../../ui/app-update.ts'

/** SvelteKit's pages register the same address; a different one would count as another version. */
const ADDRESS = '/service-worker.js'

interface TrustedTypes {
  createPolicy: (
    name: string,
    rules: { createScriptURL: () => string },
  ) => { createScriptURL: (address: string) => string }
}

export function registerServiceWorker() {
  if (!('serviceWorker' in navigator)) return
  const { serviceWorker } = navigator
  // The first visit loads before a service worker exists, so the page is requested once more for its cache.
  const cachePage = () => void fetch('/status').catch(() => undefined)
  if (!serviceWorker.controller)
    serviceWorker.addEventListener('controllerchange', cachePage, { once: true })
  serviceWorker.register(trustedAddress()).then(offerUpdates, () => undefined)
}

function trustedAddress(): string {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes }
  const rules = { createScriptURL: () => ADDRESS }
  return trustedTypes?.createPolicy('porchlight-worker', rules).createScriptURL('') ?? ADDRESS
}

function offerUpdates(registration: ServiceWorkerRegistration) {
  watchForUpdates(registration, () => {
    const banner = document.getElementById('update')
    if (banner) banner.hidden = false
  })
  document.getElementById('reload')?.addEventListener('click', () => applyUpdate(registration))
}
