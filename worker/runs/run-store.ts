import type { Starter } from '../../src/lib/contract/access.ts'
import { splitImages, joinImages } from '../../src/lib/contract/images.ts'
import type { Problem } from '../../src/lib/contract/problem.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type { Output, Receipt, RunDetail, RunState } from '../../src/lib/contract/runs.ts'
import type { SettingsStore } from '../settings/store.ts'
import type { FrameBatch } from './event-log.ts'
import { outputOf } from './output.ts'
import { Retention } from './retention.ts'
import { RunImages } from './run-images.ts'
import { SUMMARY, summaryOf, type SummaryRow } from './run-list.ts'
import { searchableText } from './run-search.ts'
import { starterFrom, starterKey } from './starter-key.ts'

const TITLE_LENGTH = 200

type DetailRow = SummaryRow & {
  recipe: string
  receipt: string | null
  failure: string | null
}

type UnfinishedRow = Pick<DetailRow, 'id' | 'state' | 'recipe' | 'created_at'> & { starter: string }

/** A run that had not ended when the previous instance of the Durable Object stopped. */
export interface UnfinishedRun {
  id: string
  state: RunState
  recipe: Recipe
  starter: Starter
  createdAt: number
}

export interface RunEnd {
  state: RunState
  endedAt: number
  receipt?: Receipt
  failure?: Problem
  output: Output
}

/** Every retained run with its events. */
export class RunStore {
  readonly retention: Retention
  readonly #sql: SqlStorage
  readonly #settings: SettingsStore
  readonly #images: RunImages

  constructor(sql: SqlStorage, settings: SettingsStore) {
    this.#sql = sql
    this.#settings = settings
    this.#images = new RunImages(sql)
    this.retention = new Retention(sql, (id) => this.remove(id))
  }

  add(id: string, state: RunState, recipe: Recipe, starter: Starter, createdAt: number) {
    const { rest, images } = splitImages(recipe)
    const text = JSON.stringify(rest)
    this.#sql.exec(
      'INSERT INTO run (id, state, model, title, recipe, words, lane, starter, created_at, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      id,
      state,
      recipe.model,
      titleOf(recipe),
      text,
      searchableText(recipe),
      starter.lane,
      starterKey(starter),
      createdAt,
      images.reduce((bytes, { length }) => bytes + length, text.length),
    )
    this.#images.add(id, images)
  }

  setState(id: string, state: RunState) {
    this.#sql.exec('UPDATE run SET state = ? WHERE id = ?', state, id)
  }

  append(id: string, { last, frames }: FrameBatch) {
    this.#sql.exec(
      'INSERT INTO run_event (run_id, last, frames) VALUES (?, ?, ?)',
      id,
      last,
      frames,
    )
    this.#sql.exec('UPDATE run SET bytes = bytes + ? WHERE id = ?', frames.length, id)
  }

  end(id: string, { state, endedAt, receipt, failure, output }: RunEnd) {
    this.#sql.exec(
      'UPDATE run SET state = ?, ended_at = ?, receipt = ?, failure = ?, answer = ? WHERE id = ?',
      state,
      endedAt,
      receipt ? JSON.stringify(receipt) : null,
      failure ? JSON.stringify(failure) : null,
      searchableText(output.text),
      id,
    )
    this.retention.purge(this.#settings.read('kept'))
  }

  remove(id: string): boolean {
    this.#sql.exec('DELETE FROM run_event WHERE run_id = ?', id)
    this.#images.remove(id)
    return this.#sql.exec('DELETE FROM run WHERE id = ?', id).rowsWritten > 0
  }

  batches(id: string): FrameBatch[] {
    return this.#sql
      .exec<{ last: number; frames: string }>(
        'SELECT last, frames FROM run_event WHERE run_id = ? ORDER BY last',
        id,
      )
      .toArray()
  }

  find(id: string): RunDetail | null {
    const [row] = this.#sql
      .exec<DetailRow>(`SELECT ${SUMMARY}, recipe, receipt, failure FROM run WHERE id = ?`, id)
      .toArray()
    if (!row) return null
    return {
      ...summaryOf(row),
      recipe: this.#recipeFrom(row),
      output: outputOf(this.batches(id)),
      receipt: row.receipt === null ? null : (JSON.parse(row.receipt) as Receipt),
      failure: row.failure === null ? null : (JSON.parse(row.failure) as Problem),
    }
  }

  stateOf(id: string): RunState | null {
    const query = 'SELECT state FROM run WHERE id = ?'
    const [row] = this.#sql.exec<{ state: RunState }>(query, id).toArray()
    return row?.state ?? null
  }

  /** The owner may see every run; tokens and guests may see the runs they started. */
  isVisibleTo(id: string, viewer: Starter): boolean {
    if (viewer.lane === 'owner') return true
    const query = 'SELECT 1 FROM run WHERE id = ? AND starter = ?'
    return this.#sql.exec(query, id, starterKey(viewer)).toArray().length > 0
  }

  /** Oldest first. */
  unfinished(): UnfinishedRun[] {
    return this.#sql
      .exec<UnfinishedRow>(
        'SELECT id, state, recipe, starter, created_at FROM run WHERE ended_at IS NULL ORDER BY id',
      )
      .toArray()
      .map((row) => ({
        id: row.id,
        state: row.state,
        recipe: this.#recipeFrom(row),
        starter: starterFrom(row.starter),
        createdAt: row.created_at,
      }))
  }

  /** When the owner's last run ended (ms since 1970), or 0 if the owner has no finished run. */
  ownerLastEndedAt(): number {
    const query = "SELECT MAX(ended_at) AS at FROM run WHERE lane = 'owner'"
    return this.#sql.exec<{ at: number | null }>(query).one().at ?? 0
  }

  #recipeFrom({ id, recipe }: Pick<DetailRow, 'id' | 'recipe'>): Recipe {
    return joinImages({ rest: JSON.parse(recipe) as Recipe, images: this.#images.find(id) })
  }
}

const titleOf = ({ prompt, messages }: Recipe) =>
  (prompt ?? messages?.at(-1)?.content ?? '').trim().slice(0, TITLE_LENGTH)
