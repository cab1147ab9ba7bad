import type { Kept } from '../../src/lib/contract/settings.ts'
import type { KeptExposure } from '../ports.ts'

/** What the owner has set, and what is so until then. */
const DEFAULTS: { atOnce: number; exposure: KeptExposure | null; kept: Kept } = {
  atOnce: 1,
  exposure: null,
  kept: { runs: 500, megabytes: 200 },
}

type Values = typeof DEFAULTS

/** Settings that are changed on the page, in Home's database. */
export function settingsOf(sql: SqlStorage) {
  function read<Name extends keyof Values>(name: Name): Values[Name] {
    const [row] = sql
      .exec<{ value: string }>('SELECT value FROM setting WHERE name = ?', name)
      .toArray()
    return row ? (JSON.parse(row.value) as Values[Name]) : DEFAULTS[name]
  }

  function write<Name extends keyof Values>(name: Name, value: Values[Name]) {
    sql.exec(
      'INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)',
      name,
      JSON.stringify(value),
    )
  }

  return { read, write }
}

export type Settings = ReturnType<typeof settingsOf>
