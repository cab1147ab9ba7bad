import type { Problem } from '../../src/lib/contract/problem.ts'
import type { Lane, Starter } from '../../src/lib/contract/access.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type { Output, Receipt, RunDetail, RunState, RunSummary } from '../../src/lib/contract/runs.ts'
import type { Stretch } from './event-log.ts'
import { outputOf } from './output.ts'

/** What is kept: the newest runs, as long as they are this many and this many bytes together. */
export const KEPT = { runs: 500, bytes: 200_000_000 } as const

const TITLE_LENGTH = 200
/** Characters of an answer that a search looks at. */
const SEARCHED_LENGTH = 100_000

type Row = {
  id: string
  state: RunState
  model: string
  title: string
  lane: Lane
  created_at: number
  ended_at: number | null
}

type WholeRow = Row & { recipe: string; receipt: string | null; failure: string | null; starter: string }

/** A run that a former life of this object has left behind. */
export interface Unended {
  id: string
  state: RunState
  recipe: Recipe
  starter: Starter
  createdAt: number
}

export interface Ended {
  state: RunState
  endedAt: number
  receipt?: Receipt
  failure?: Problem
  output: Output
}

export interface ListQuery {
  limit: number
  before?: string
  q?: string
}

const SUMMARY = 'id, state, model, title, lane, created_at, ended_at'

/** Every run that is remembered, with its events, in Home's database. */
export function runStoreOf(sql: SqlStorage) {
  function add(id: string, state: RunState, recipe: Recipe, starter: Starter, createdAt: number) {
    const text = JSON.stringify(recipe)
    sql.exec(
      'INSERT INTO run (id, state, model, title, recipe, lane, starter, created_at, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...[id, state, recipe.model, titleOf(recipe), text, starter.lane, keyOf(starter), createdAt, text.length],
    )
  }

  function setState(id: string, state: RunState) {
    sql.exec('UPDATE run SET state = ? WHERE id = ?', state, id)
  }

  function append(id: string, { last, frames }: Stretch) {
    sql.exec('INSERT INTO run_event (run_id, last, frames) VALUES (?, ?, ?)', id, last, frames)
    sql.exec('UPDATE run SET bytes = bytes + ? WHERE id = ?', frames.length, id)
  }

  function end(id: string, { state, endedAt, receipt, failure, output }: Ended) {
    sql.exec(
      'UPDATE run SET state = ?, ended_at = ?, receipt = ?, failure = ?, answer = ? WHERE id = ?',
      state,
      endedAt,
      receipt ? JSON.stringify(receipt) : null,
      failure ? JSON.stringify(failure) : null,
      output.text.slice(0, SEARCHED_LENGTH),
      id,
    )
    forgetOldest()
  }

  function forgetOldest() {
    const over = sql.exec<{ id: string }>(
      `SELECT id FROM (
         SELECT id, ended_at, ROW_NUMBER() OVER newest AS nth, SUM(bytes) OVER newest AS total
         FROM run WINDOW newest AS (ORDER BY id DESC)
       ) WHERE ended_at IS NOT NULL AND nth > 1 AND (nth > ? OR total > ?)`,
      KEPT.runs,
      KEPT.bytes,
    )
    for (const { id } of over.toArray()) remove(id)
  }

  function remove(id: string): boolean {
    sql.exec('DELETE FROM run_event WHERE run_id = ?', id)
    return sql.exec('DELETE FROM run WHERE id = ?', id).rowsWritten > 0
  }

  function stretches(id: string): Stretch[] {
    return sql.exec<{ last: number; frames: string }>('SELECT last, frames FROM run_event WHERE run_id = ? ORDER BY last', id).toArray() // prettier-ignore
  }

  function find(id: string): RunDetail | null {
    const [row] = sql.exec<WholeRow>(`SELECT ${SUMMARY}, recipe, receipt, failure FROM run WHERE id = ?`, id).toArray()
    if (!row) return null
    return {
      ...summaryOf(row),
      recipe: JSON.parse(row.recipe) as Recipe,
      output: outputOf(stretches(id).map(({ frames }) => frames)),
      receipt: row.receipt === null ? null : (JSON.parse(row.receipt) as Receipt),
      failure: row.failure === null ? null : (JSON.parse(row.failure) as Problem),
    }
  }

  function stateOf(id: string): RunState | null {
    const [row] = sql.exec<{ state: RunState }>('SELECT state FROM run WHERE id = ?', id).toArray()
    return row?.state ?? null
  }

  /** The owner sees every run, anybody else what they started. */
  function isSeenBy(id: string, viewer: Starter): boolean {
    if (viewer.lane === 'owner') return true
    return sql.exec('SELECT 1 FROM run WHERE id = ? AND starter = ?', id, keyOf(viewer)).toArray().length > 0
  }

  /** One more than asked for tells that there are older ones. */
  function list({ limit, before, q }: ListQuery): RunSummary[] {
    const like = q ? `%${q.replace(/[\\%_]/g, '\\$&')}%` : null
    return sql
      .exec<Row>(
        `SELECT ${SUMMARY} FROM run WHERE (?1 IS NULL OR id < ?1)
           AND (?2 IS NULL OR model LIKE ?2 ESCAPE '\\' OR recipe LIKE ?2 ESCAPE '\\' OR answer LIKE ?2 ESCAPE '\\')
         ORDER BY id DESC LIMIT ?3`,
        before ?? null,
        like,
        limit,
      )
      .toArray()
      .map(summaryOf)
  }

  /** Oldest first. */
  function unended(): Unended[] {
    return sql
      .exec<WholeRow>(
        `SELECT ${SUMMARY}, recipe, receipt, failure, starter FROM run WHERE ended_at IS NULL ORDER BY id`,
      )
      .toArray()
      .map(({ id, state, recipe, starter, created_at }) => ({
        ...{ id, state, createdAt: created_at },
        recipe: JSON.parse(recipe) as Recipe,
        starter: starterOf(starter),
      }))
  }

  /** When the owner's last run ended, ms since 1970; 0: there is none. */
  function ownerLeftAt(): number {
    return sql.exec<{ at: number | null }>("SELECT MAX(ended_at) AS at FROM run WHERE lane = 'owner'").one().at ?? 0
  }

  return { add, setState, append, end, remove, stretches, find, stateOf, isSeenBy, list, unended, ownerLeftAt }
}

export type RunStore = ReturnType<typeof runStoreOf>

const keyOf = (starter: Starter) =>
  starter.lane === 'owner' ? 'owner' : [starter.lane, starter.id, ...(starter.lane === 'guest' ? [starter.ticket] : [])].join(':') // prettier-ignore

function starterOf(key: string): Starter {
  const [lane, id = '', ticket = ''] = key.split(':')
  return lane === 'guest' ? { lane, id, ticket } : lane === 'token' ? { lane, id } : { lane: 'owner' }
}

const iso = (ms: number) => new Date(ms).toISOString()

const summaryOf = ({ id, state, model, title, lane, created_at, ended_at }: Row): RunSummary => ({
  ...{ id, state, model, title, lane },
  createdAt: iso(created_at),
  endedAt: ended_at === null ? null : iso(ended_at),
})

const titleOf = ({ prompt, messages }: Recipe) =>
  (prompt ?? messages?.at(-1)?.content ?? '').trim().slice(0, TITLE_LENGTH)
