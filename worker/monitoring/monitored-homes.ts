import { NEW_STATE, type MonitorState } from './state.ts'
import { parseState, serializeState } from './stored-state.ts'
import type { Metered } from './meter.ts'

/** Real and demo homes are counted apart. A quick tunnel has a new name every day. */
const MAX_HOMES = 5

const TABLES = [
  'history_minutes',
  'history_hour',
  'history_day',
  'incident',
  'incident_event',
  'failure',
] as const

type Row = { id: number; state: string }

/** The monitored home, and those that were monitored before it. Each address is a home with a history of its own. */
export class MonitoredHomes {
  readonly id: number
  /** The state at the time of reading. */
  readonly state: MonitorState
  /** The newest count of any home. */
  readonly meter: Metered | null
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage, origin: string, isDemo: boolean) {
    this.#sql = sql
    this.meter = this.#newestMeter()
    const { id, state } = this.#find(origin) ?? this.#add(origin, isDemo)
    this.id = id
    this.state = parseState(state)
  }

  save(state: MonitorState, at: number, meter: Metered) {
    this.#sql.exec(
      'UPDATE watched SET state = ?, seen_at = ?, meter = ? WHERE id = ?',
      ...[serializeState(state), at, JSON.stringify(meter), this.id],
    )
  }

  others(): { id: number; state: MonitorState }[] {
    return this.#sql
      .exec<Row>('SELECT id, state FROM watched WHERE id <> ?', this.id)
      .toArray()
      .map(({ id, state }) => ({ id, state: parseState(state) }))
  }

  saveOther(id: number, state: MonitorState) {
    this.#sql.exec('UPDATE watched SET state = ? WHERE id = ?', serializeState(state), id)
  }

  #newestMeter(): Metered | null {
    const [row] = this.#sql
      .exec<{ meter: string | null }>('SELECT meter FROM watched ORDER BY seen_at DESC LIMIT 1')
      .toArray()
    return row?.meter ? (JSON.parse(row.meter) as Metered) : null
  }

  #find(origin: string): Row | undefined {
    return this.#sql
      .exec<Row>('SELECT id, state FROM watched WHERE origin = ?', origin)
      .toArray()[0]
  }

  #add(origin: string, isDemo: boolean): Row {
    const row = this.#sql
      .exec<Row>(
        'INSERT INTO watched (origin, is_demo, seen_at, state) VALUES (?, ?, ?, ?) RETURNING id, state',
        ...[origin, isDemo ? 1 : 0, Date.now(), serializeState(NEW_STATE)],
      )
      .one()
    this.#removeOldest(isDemo)
    return row
  }

  #removeOldest(isDemo: boolean) {
    const oldest = this.#sql.exec<{ id: number }>(
      'SELECT id FROM watched WHERE is_demo = ? ORDER BY seen_at DESC, id DESC LIMIT -1 OFFSET ?',
      ...[isDemo ? 1 : 0, MAX_HOMES],
    )
    for (const { id } of oldest.toArray()) {
      for (const table of TABLES) this.#sql.exec(`DELETE FROM ${table} WHERE home = ?`, id)
      this.#sql.exec('DELETE FROM watched WHERE id = ?', id)
    }
  }
}
