import { RpcTarget } from 'cloudflare:workers'
import type { Exposure } from '../../src/lib/diagnosis/exposure.ts'
import type { Implements } from '../ports.ts'
import type { ExposurePort, KeptExposure } from './port.ts'
import type { SettingsStore } from '../settings/store.ts'

/** A result is refreshed after this time; an unknown one sooner. */
const FRESH_MS = 24 * 3_600_000
const UNKNOWN_MS = 15 * 60_000

const NEVER: KeptExposure = { origin: '', state: 'unknown', checkedAt: null, hiddenUntil: null }

/** Whether strangers can use the home, probed once a day and stored. */
export class ExposureWatch extends RpcTarget implements Implements<ExposurePort> {
  readonly #settings: SettingsStore
  readonly #origin: string
  readonly #probe: () => Promise<Exposure>
  #probing: Promise<KeptExposure> | null = null

  constructor(settings: SettingsStore, origin: string, probe: () => Promise<Exposure>) {
    super()
    this.#settings = settings
    this.#origin = origin
    this.#probe = probe
  }

  /** The stored result. Probes first if it is too old, or if `fresh` is set. */
  async state(fresh: boolean): Promise<KeptExposure> {
    const kept = this.kept()
    const age = Date.now() - (kept.checkedAt ?? 0)
    if (!fresh && age < (kept.state === 'unknown' ? UNKNOWN_MS : FRESH_MS)) return kept
    this.#probing ??= this.#probeNow().finally(() => (this.#probing = null))
    return this.#probing
  }

  /** Shortens the warning until then (ms since 1970); it is never left out. */
  hide(until: number): KeptExposure {
    return this.#keep({ ...this.kept(), hiddenUntil: until > Date.now() ? until : null })
  }

  async #probeNow(): Promise<KeptExposure> {
    const state = await this.#probe()
    const { hiddenUntil } = this.kept()
    // Once the home was closed, an open home is news again.
    return this.#keep({
      origin: this.#origin,
      state,
      checkedAt: Date.now(),
      hiddenUntil: state === 'closed' ? null : hiddenUntil,
    })
  }

  /** The stored result, however old. */
  kept(): KeptExposure {
    const kept = this.#settings.read('exposure')
    // The result for another address does not apply to this one.
    return kept?.origin === this.#origin ? kept : { ...NEVER, origin: this.#origin }
  }

  #keep(exposure: KeptExposure): KeptExposure {
    this.#settings.write('exposure', exposure)
    return exposure
  }
}
