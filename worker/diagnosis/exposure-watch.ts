import { RpcTarget } from 'cloudflare:workers'
import type { Exposure } from '../../src/lib/diagnosis/exposure.ts'
import type { Implements } from '../ports.ts'
import type { ExposurePort, KeptExposure } from './port.ts'
import type { SettingsStore } from '../settings/store.ts'

/** ms. Nobody is asked more often than this by itself; what could not be seen is looked for again sooner. */
const FRESH_MS = 24 * 3_600_000
const UNSEEN_MS = 15 * 60_000

const NEVER: KeptExposure = { origin: '', state: 'unknown', checkedAt: null, hiddenUntil: null }

/** Whether strangers can use the home, asked once a day and kept. */
export class ExposureWatch extends RpcTarget implements Implements<ExposurePort> {
  readonly #settings: SettingsStore
  readonly #origin: string
  readonly #look: () => Promise<Exposure>
  #looking: Promise<KeptExposure> | null = null

  constructor(settings: SettingsStore, origin: string, look: () => Promise<Exposure>) {
    super()
    this.#settings = settings
    this.#origin = origin
    this.#look = look
  }

  /** What is known. Looks now when that is old, or when `fresh` is wanted. */
  async state(fresh: boolean): Promise<KeptExposure> {
    const kept = this.kept()
    const age = Date.now() - (kept.checkedAt ?? 0)
    if (!fresh && age < (kept.state === 'unknown' ? UNSEEN_MS : FRESH_MS)) return kept
    this.#looking ??= this.#lookNow().finally(() => (this.#looking = null))
    return this.#looking
  }

  /** ms since 1970; what is hidden is told shortly, never left out. */
  hide(until: number): KeptExposure {
    return this.#keep({ ...this.kept(), hiddenUntil: until > Date.now() ? until : null })
  }

  async #lookNow(): Promise<KeptExposure> {
    const state = await this.#look()
    const { hiddenUntil } = this.kept()
    // Closed once, it is news when it is open again.
    return this.#keep({
      origin: this.#origin,
      state,
      checkedAt: Date.now(),
      hiddenUntil: state === 'closed' ? null : hiddenUntil,
    })
  }

  /** However old. */
  kept(): KeptExposure {
    const kept = this.#settings.read('exposure')
    // What was seen of another address says nothing of this one.
    return kept?.origin === this.#origin ? kept : { ...NEVER, origin: this.#origin }
  }

  #keep(exposure: KeptExposure): KeptExposure {
    this.#settings.write('exposure', exposure)
    return exposure
  }
}
