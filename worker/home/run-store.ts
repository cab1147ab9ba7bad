import { imagesApart, withImages } from '../../src/lib/contract/images.ts'
import type { Problem } from '../../src/lib/contract/problem.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type { Output, Receipt, RunDetail, RunState, RunSummary } from '../../src/lib/contract/runs.ts'
import type { Stretch } from './event-log.ts'
import { outputOf } from './output.ts'
import { runImagesOf } from './run-images.ts'

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
  created_at: number
  ended_at: number | null
}

type WholeRow = Row & { recipe: string; receipt: string | null; failure: string | null }

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

const SUMMARY = 'id, state, model, title, created_at, ended_at'

/** Every run that is remembered, with its events, in Home's database. */
export function runStoreOf(sql: SqlStorage) {
  const images = runImagesOf(sql)

  function add(id: string, state: RunState, recipe: Recipe, createdAt: number) {
    const apart = imagesApart(recipe)
    const text = JSON.stringify(apart.rest)
    const bytes = text.length + apart.images.reduce((sum, { length }) => sum + length, 0)
    sql.exec(
      'INSERT INTO run (id, state, model, title, recipe, created_at, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[id, state, recipe.model, titleOf(recipe), text, createdAt, bytes],
    )
    images.add(id, apart.images)
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
    images.remove(id)
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
      recipe: recipeOf(id, row.recipe),
      output: outputOf(stretches(id).map(({ frames }) => frames)),
      receipt: row.receipt === null ? null : (JSON.parse(row.receipt) as Receipt),
      failure: row.failure === null ? null : (JSON.parse(row.failure) as Problem),
    }
  }

  const recipeOf = (id: string, text: string) =>
    withImages({ rest: JSON.parse(text) as Recipe, images: images.find(id) })

  function stateOf(id: string): RunState | null {
    const [row] = sql.exec<{ state: RunState }>('SELECT state FROM run WHERE id = ?', id).toArray()
    return row?.state ?? null
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

  /** Runs that a former life of this object has left behind, oldest first. */
  function unended(): { id: string; state: RunState; recipe: Recipe; createdAt: number }[] {
    return sql
      .exec<WholeRow>(`SELECT ${SUMMARY}, recipe, receipt, failure FROM run WHERE ended_at IS NULL ORDER BY id`)
      .toArray()
      .map(({ id, state, recipe, created_at }) => ({
        ...{ id, state, createdAt: created_at },
        recipe: recipeOf(id, recipe),
      }))
  }

  return { add, setState, append, end, remove, stretches, find, stateOf, list, unended }
}

export type RunStore = ReturnType<typeof runStoreOf>

const iso = (ms: number) => new Date(ms).toISOString()

const summaryOf = ({ id, state, model, title, created_at, ended_at }: Row): RunSummary => ({
  ...{ id, state, model, title },
  createdAt: iso(created_at),
  endedAt: ended_at === null ? null : iso(ended_at),
})

const titleOf = ({ prompt, messages }: Recipe) =>
  (prompt ?? messages?.at(-1)?.content ?? '').trim().slice(0, TITLE_LENGTH)
