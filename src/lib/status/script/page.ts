/** What the server painted, and the facts that it wrote into the page's attributes. */
export const root = document.documentElement
const { dataset } = document.body

/** When one of these changes, the page is loaded again: this script changes words and makes no HTML. */
export const painted = {
  status: dataset.status ?? '',
  cause: dataset.cause ?? '',
  viewer: root.dataset.viewer ?? '',
  maintenance: dataset.maintenance ?? '',
}

export const paintedAt = Date.parse(dataset.checked ?? '') || 0
export const staleAfterMs = Number(dataset.stale) || 120_000
/** The service worker gave this page out of its cache. */
export const isFromCache = root.hasAttribute('data-kept')

/** How far the server's clock is ahead of this device's. A cached page carries the difference from when it arrived. */
const serverAheadMs = Number(dataset.ahead ?? Date.parse(dataset.now ?? '') - Date.now()) || 0

export const serverNow = () => Date.now() + serverAheadMs

export function elementById(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (!element) throw new Error(`the page has no element #${id}`)
  return element
}

export function setText(element: Element, text: string) {
  if (element.textContent !== text) element.textContent = text
}

/** The title and the icons of the tab and the app show the same state as the page. */
export function showStateOutside() {
  const isOld = root.hasAttribute('data-old')
  document.title = `${isOld ? 'Status' : (dataset.word ?? '')} · Porchlight`
  const lamp = isOld ? 'unknown' : (dataset.lamp ?? 'unknown')
  document.querySelector('link[rel=icon]')?.setAttribute('href', `/favicon-${lamp}.svg`)
  if (!('setAppBadge' in navigator)) return
  const badge = lamp === 'off' ? navigator.setAppBadge() : navigator.clearAppBadge()
  badge.catch(() => undefined)
}
