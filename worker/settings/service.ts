import { RpcTarget } from 'cloudflare:workers'
import type { RunRetention, Settings } from '../../src/lib/contract/settings.ts'
import type { Implements } from '../ports.ts'
import type { Retention } from '../runs/retention.ts'
import type { SettingsPort } from './port.ts'
import type { SettingsStore } from './store.ts'

export class SettingsService extends RpcTarget implements Implements<SettingsPort> {
  readonly #store: SettingsStore
  readonly #retention: Retention

  constructor(store: SettingsStore, retention: Retention) {
    super()
    this.#store = store
    this.#retention = retention
  }

  read(): Settings {
    return { kept: this.#store.read('kept'), holds: this.#retention.usage() }
  }

  setRetention(limits: RunRetention): Settings {
    this.#store.write('kept', limits)
    this.#retention.purge(limits)
    return this.read()
  }

  countExcess(limits: RunRetention): number {
    return this.#retention.countExcess(limits)
  }
}
