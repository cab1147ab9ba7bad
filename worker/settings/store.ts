import type { RunRetention } from '../../src/lib/contract/settings.ts'
import type { KeptExposure } from '../diagnosis/port.ts'

/** The values until the owner changes them. */
const DEFAULTS: { atOnce: number; exposure: KeptExposure | null; kept: RunRetention } = {
  atOnce: 1,
  exposure: null,
  kept: { runs: 500, megabytes: 200 },
}

type Values = typeof DEFAULTS

/** Settings that the owner changes on the page. */
export class SettingsStore {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  read<Name extends keyof Values>(name: Name): Values[Name] {
    const query = 'SELECT value FROM setting WHERE name = ?'
    const [row] = this.#sql.exec<{ value: string }>(query, name).toArray()
    return row ? (JSON.parse(row.value) as Values[Name]) : DEFAULTS[name]
  }

  write<Name extends keyof Values>(name: Name, value: Values[Name]) {
    const text = JSON.stringify(value)
    this.#sql.exec('INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)', name, text)
  }
}
