import { RpcTarget } from 'cloudflare:workers'
import type { RunRetention, Settings } from '../../src/lib/contract/settings.ts'
import type { Implements } from '../ports.ts'
import { countOver, forgetOldest, holdingOf } from '../runs/retention.ts'
import type { SettingsPort } from './port.ts'
import type { SettingsStore } from './store.ts'

/** How many runs are kept, and what they take. */
export class SettingsService extends RpcTarget implements Implements<SettingsPort> {
  readonly #sql: SqlStorage
  readonly #store: SettingsStore
  readonly #removeRun: (id: string) => void

  constructor(sql: SqlStorage, store: SettingsStore, removeRun: (id: string) => void) {
    super()
    this.#sql = sql
    this.#store = store
    this.#removeRun = removeRun
  }

  read(): Settings {
    return { kept: this.#store.read('kept'), holds: holdingOf(this.#sql) }
  }

  keep(kept: RunRetention): Settings {
    this.#store.write('kept', kept)
    forgetOldest(this.#sql, kept, this.#removeRun)
    return this.read()
  }

  /** How many runs would be deleted if no more than this were kept. */
  countOver(kept: RunRetention): number {
    return countOver(this.#sql, kept)
  }
}
