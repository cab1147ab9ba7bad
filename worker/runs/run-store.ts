import { splitImages, joinImages } from '../../src/lib/contract/images.ts'
import type { Problem } from '../../src/lib/contract/problem.ts'
import type { Starter } from '../../src/lib/contract/access.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type { Output, Receipt, RunDetail, RunState } from '../../src/lib/contract/runs.ts'
import type { Stretch } from './event-log.ts'
import { outputOf } from './output.ts'
import { forgetOldest } from './retention.ts'
import { SUMMARY, summaryOf, type SummaryRow } from './run-list.ts'
import { runImagesOf } from './run-images.ts'
import { searchedIn } from './run-search.ts'
import type { SettingsStore } from '../settings/store.ts'

const TITLE_LENGTH = 200

type WholeRow = SummaryRow & {
  recipe: string
  receipt: string | null
  failure: string | null
  starter: string
}

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

/** Every run that is remembered, with its events, in Home's database. */
export function runStoreOf(sql: SqlStorage, settings: SettingsStore) {
  const images = runImagesOf(sql)

  function add(id: string, state: RunState, recipe: Recipe, starter: Starter, createdAt: number) {
    const apart = splitImages(recipe)
    const text = JSON.stringify(apart.rest)
    const bytes = text.length + apart.images.reduce((sum, { length }) => sum + length, 0)
    sql.exec(
      'INSERT INTO run (id, state, model, title, recipe, words, lane, starter, created_at, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...[id, state, recipe.model, titleOf(recipe), text, searchedIn(recipe)],
      ...[starter.lane, keyOf(starter), createdAt, bytes],
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
      searchedIn(output.text),
      id,
    )
    forgetOldest(sql, settings.read('kept'), remove)
  }

  function remove(id: string): boolean {
    sql.exec('DELETE FROM run_event WHERE run_id = ?', id)
    images.remove(id)
    return sql.exec('DELETE FROM run WHERE id = ?', id).rowsWritten > 0
  }

  function stretches(id: string): Stretch[] {
    return sql
      .exec<{ last: number; frames: string }>(
        'SELECT last, frames FROM run_event WHERE run_id = ? ORDER BY last',
        id,
      )
      .toArray()
  }

  function find(id: string): RunDetail | null {
    const [row] = sql
      .exec<WholeRow>(`SELECT ${SUMMARY}, recipe, receipt, failure FROM run WHERE id = ?`, id)
      .toArray()
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
    joinImages({ rest: JSON.parse(text) as Recipe, images: images.find(id) })

  function stateOf(id: string): RunState | null {
    const [row] = sql.exec<{ state: RunState }>('SELECT state FROM run WHERE id = ?', id).toArray()
    return row?.state ?? null
  }

  /** The owner sees every run, anybody else what they started. */
  function isSeenBy(id: string, viewer: Starter): boolean {
    if (viewer.lane === 'owner') return true
    return (
      sql.exec('SELECT 1 FROM run WHERE id = ? AND starter = ?', id, keyOf(viewer)).toArray()
        .length > 0
    )
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
        recipe: recipeOf(id, recipe),
        starter: starterOf(starter),
      }))
  }

  /** When the owner's last run ended, ms since 1970; 0: there is none. */
  function ownerLeftAt(): number {
    return (
      sql
        .exec<{ at: number | null }>("SELECT MAX(ended_at) AS at FROM run WHERE lane = 'owner'")
        .one().at ?? 0
    )
  }

  return {
    add,
    setState,
    append,
    end,
    remove,
    stretches,
    find,
    stateOf,
    isSeenBy,
    unended,
    ownerLeftAt,
  }
}

export type RunStore = ReturnType<typeof runStoreOf>

const keyOf = (starter: Starter) =>
  starter.lane === 'owner'
    ? 'owner'
    : [starter.lane, starter.id, ...(starter.lane === 'guest' ? [starter.ticket] : [])].join(':')

function starterOf(key: string): Starter {
  const [lane, id = '', ticket = ''] = key.split(':')
  return lane === 'guest'
    ? { lane, id, ticket }
    : lane === 'token'
      ? { lane, id }
      : { lane: 'owner' }
}

const titleOf = ({ prompt, messages }: Recipe) =>
  (prompt ?? messages?.at(-1)?.content ?? '').trim().slice(0, TITLE_LENGTH)
