import type { StatusBrief } from '../../contract/status.ts'
import { clock, span } from '../../format.ts'
import { readDeviceValue, writeDeviceValue } from '../../storage.ts'
import { BANNERS, type Trouble } from '../banners.ts'
import {
  elementById,
  isFromCache,
  painted,
  paintedAt,
  root,
  serverNow,
  setText,
  showStateOutside,
  staleAfterMs,
} from './page.ts'

/** A connection may exist and carry nothing. Our own server answers faster than this; a check of the home may take longer. */
const TIMEOUTS_MS = { own: 8000, check: 30_000 }
const RENEW_AFTER_MS = 75_000
/** A check that was requested while nothing was reachable. Signing out deletes it (src/lib/auth/sign-out-cleanup.ts). */
const PENDING_CHECK = 'check-when-back'

const isPending = () => readDeviceValue(PENDING_CHECK) !== null

/** Keeps the verdict on the page current, and says so when it cannot. */
export class Freshness {
  readonly #banner = elementById('banner')
  readonly #label = elementById('check-now').querySelector('span') ?? elementById('check-now')
  #checkedAt = paintedAt
  #etag = ''
  #isChecking = false
  /** The page is being loaded again: the next one makes the pending check. */
  #isLeaving = false
  #trouble: Trouble | null = null

  start() {
    this.show()
    const isDue = serverNow() - this.#checkedAt > RENEW_AFTER_MS && !isFromCache
    void (isDue ? this.check() : this.refresh())
  }

  /** Updates ages, the banner and the button. */
  show() {
    for (const time of document.querySelectorAll('time')) setText(time, wordsOf(time))
    root.toggleAttribute('data-old', this.#checkedAt > 0 && this.#isOld())
    this.#showTrouble()
    showStateOutside()
  }

  async refresh() {
    await this.#renew().catch(() => this.#findTrouble())
    this.show()
    if (this.#trouble === null && !this.#isLeaving && isPending()) await this.check()
  }

  /** The owner's check probes the home now; a stranger's joins the one that all strangers share. */
  async check() {
    if (this.#isChecking) return
    if (this.#isUnreachable()) {
      writeDeviceValue(PENDING_CHECK, '1')
      return this.show()
    }
    this.#isChecking = true
    setText(this.#label, 'Checking …')
    await this.#probe().catch(() => this.#findTrouble())
    this.#isChecking = false
    this.show()
  }

  async #probe() {
    const fresh = painted.viewer === 'owner' ? '&fresh=1' : ''
    const headers = { 'X-Porchlight': 'page' }
    const signal = AbortSignal.timeout(TIMEOUTS_MS.check)
    await fetch(`/api/health?code=200${fresh}`, { headers, signal })
    // Not earlier: if the page is loaded again meanwhile, the request is lost.
    writeDeviceValue(PENDING_CHECK, null)
    await this.#renew()
  }

  async #renew() {
    const response = await fetch('/api/status/brief', {
      headers: this.#etag ? { 'If-None-Match': this.#etag } : {},
      signal: AbortSignal.timeout(TIMEOUTS_MS.own),
    })
    this.#trouble = null
    if (response.status === 304) return
    if (!response.ok) throw new Error(`Porchlight answered ${response.status}`)
    this.#etag = response.headers.get('ETag') ?? ''
    await this.#compare((await response.json()) as StatusBrief)
  }

  async #compare({ viewer, status, cause, checkedAt, maintenance }: StatusBrief) {
    const isSame =
      viewer === painted.viewer &&
      (status ?? '') === painted.status &&
      (cause ?? '') === painted.cause &&
      (maintenance ?? '') === painted.maintenance
    if (!isSame || (isFromCache && this.#isOld())) return this.#reload()
    if (checkedAt === undefined) return
    this.#checkedAt = Date.parse(checkedAt)
    elementById('checked').setAttribute('datetime', checkedAt)
  }

  /** The service worker caches this response, so the reloaded page is the one that arrived here. */
  async #reload() {
    const response = await fetch('/status', {
      headers: { Accept: 'text/html' },
      signal: AbortSignal.timeout(TIMEOUTS_MS.own),
    })
    this.#isLeaving = response.ok
    if (response.ok) location.reload()
  }

  async #findTrouble() {
    const signal = AbortSignal.timeout(TIMEOUTS_MS.own)
    const isServerUp = await fetch('/healthz', { cache: 'no-store', signal }).then(
      ({ ok }) => ok,
      () => false,
    )
    this.#trouble = isServerUp ? 'checker' : navigator.onLine ? 'connection' : 'device'
  }

  /** Three things must not look alike: this device is offline, our checker is late, and the home is down (the page itself). */
  #showTrouble() {
    const isLate =
      this.#trouble === null && this.#isOld() && this.#checkedAt > 0 && !this.#isChecking
    const trouble = isLate ? 'checker' : this.#trouble
    this.#banner.hidden = trouble === null
    this.#banner.classList.remove('late')
    setText(this.#banner, trouble === null ? '' : BANNERS[trouble])
    if (this.#isChecking) return
    const whenBack = isPending() ? 'Checks when back' : 'Check when back'
    setText(this.#label, this.#isUnreachable() ? whenBack : 'Check now')
  }

  #isOld = () => serverNow() - this.#checkedAt > staleAfterMs
  #isUnreachable = () => this.#trouble === 'device' || this.#trouble === 'connection'
}

const wordsOf = ({ dataset, dateTime }: HTMLTimeElement) =>
  dataset.as === 'clock' ? clock(dateTime, serverNow()) : span(serverNow() - Date.parse(dateTime))
