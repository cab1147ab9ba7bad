import { NEW_STATE, type MonitorState } from './state.ts'
import type { Metered } from './meter.ts'

/** Homes whose history is kept, of the real ones and of the demo’s: a quick tunnel has a new name every day. */
const KEPT_HOMES = 5

const TABLES = [
  'history_minutes',
  'history_hour',
  'history_day',
  'incident',
  'incident_event',
  'failure',
] as const

type Kept = { id: number; state: string }

/** What is remembered of the home at this address. Another address is another home, with a history of its own. */
export function watchedOf(sql: SqlStorage, origin: string, isDemo: boolean) {
  const [newest] = sql
    .exec<{ meter: string | null }>('SELECT meter FROM watched ORDER BY seen_at DESC LIMIT 1')
    .toArray()
  const known = find() ?? begin()

  function find() {
    return sql.exec<Kept>('SELECT id, state FROM watched WHERE origin = ?', origin).toArray()[0]
  }

  function begin() {
    const state = JSON.stringify(NEW_STATE)
    const [row] = sql
      .exec<{ id: number }>(
        'INSERT INTO watched (origin, is_demo, seen_at, state) VALUES (?, ?, ?, ?) RETURNING id',
        ...[origin, isDemo ? 1 : 0, Date.now(), state],
      )
      .toArray()
    if (!row) throw new Error('a home that is watched from now on has no number')
    forgetOthers()
    return { id: row.id, state }
  }

  function forgetOthers() {
    const others = sql.exec<{ id: number }>(
      'SELECT id FROM watched WHERE is_demo = ? ORDER BY seen_at DESC, id DESC LIMIT -1 OFFSET ?',
      ...[isDemo ? 1 : 0, KEPT_HOMES],
    )
    for (const { id } of others.toArray()) {
      for (const table of TABLES) sql.exec(`DELETE FROM ${table} WHERE home = ?`, id)
      sql.exec('DELETE FROM watched WHERE id = ?', id)
    }
  }

  function keep(state: MonitorState, at: number, meter: Metered) {
    sql.exec(
      'UPDATE watched SET state = ?, seen_at = ?, meter = ? WHERE id = ?',
      JSON.stringify(state),
      at,
      JSON.stringify(meter),
      known.id,
    )
  }

  /** Homes that were watched before this one. */
  const others = () =>
    sql
      .exec<Kept>('SELECT id, state FROM watched WHERE id <> ?', known.id)
      .toArray()
      .map(({ id, state }) => ({ id, state: stateFrom(state) }))

  function keepOther(id: number, state: MonitorState) {
    sql.exec('UPDATE watched SET state = ? WHERE id = ?', JSON.stringify(state), id)
  }

  return {
    id: known.id,
    state: stateFrom(known.state),
    meter: newest?.meter ? (JSON.parse(newest.meter) as Metered) : null,
    keep,
    others,
    keepOther,
  }
}

/** What an older version has kept may lack what this one knows. */
const stateFrom = (kept: string): MonitorState => ({
  ...NEW_STATE,
  ...(JSON.parse(kept) as Partial<MonitorState>),
})
