import { RpcTarget } from 'cloudflare:workers'
import type { Starter } from '../../src/lib/contract/access.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type { RunList, RunState, Started } from '../../src/lib/contract/runs.ts'
import type { Credential } from '../auth/credential.ts'
import type { Implements } from '../ports.ts'
import type { FormatName } from './export/formats.ts'
import { exportOf } from './export/stream.ts'
import type { ListQuery, RunChoice, RunsPort } from './port.ts'
import type { QueueService } from './queue-service.ts'
import { chosenRuns, listRuns } from './run-list.ts'
import type { RunStore } from './run-store.ts'
import type { Runs } from './runs.ts'

interface Dependencies {
  sql: SqlStorage
  runs: Runs
  store: RunStore
  runQueue: QueueService
  /** Whether a session, token or guest session may still be used. */
  isValid: (credential: Credential) => boolean
}

export class RunsService extends RpcTarget implements Implements<RunsPort> {
  readonly #dependencies: Dependencies

  constructor(dependencies: Dependencies) {
    super()
    this.#dependencies = dependencies
  }

  start(recipe: Recipe, starter: Starter): Started | null {
    const { runQueue, runs } = this.#dependencies
    return runQueue.accepts(starter, recipe.model) ? runs.start(recipe, starter) : null
  }

  /** One call instead of two, because the first token should cost one round trip. */
  startAndWatch(
    recipe: Recipe,
    starter: Starter,
    credential: Credential | null,
  ): { started: Started; events: ReadableStream<Uint8Array> } | null {
    const started = this.start(recipe, starter)
    const events = started && this.#events(started.id, 0, credential)
    return events ? { started, events } : null
  }

  watch(
    id: string,
    after: number,
    viewer: Starter,
    credential: Credential | null,
  ): ReadableStream<Uint8Array> | null {
    return this.#dependencies.store.isVisibleTo(id, viewer)
      ? this.#events(id, after, credential)
      : null
  }

  /** As JSON, because RPC types cannot express every recipe. */
  find(id: string, viewer: Starter): string | null {
    const { runs, store } = this.#dependencies
    if (!store.isVisibleTo(id, viewer)) return null
    runs.persist(id)
    const run = store.find(id)
    return run && JSON.stringify(run)
  }

  list(query: ListQuery): RunList {
    return listRuns(this.#dependencies.sql, query)
  }

  /** Reads one run at a time, at the client's pace. */
  export(choice: RunChoice, format: FormatName): ReadableStream<Uint8Array> {
    const { sql, runs, store } = this.#dependencies
    const find = (id: string) => {
      runs.persist(id)
      return store.find(id)
    }
    return exportOf(chosenRuns(sql, choice), find, format)
  }

  stop(id: string, viewer: Starter): RunState | null {
    const { runs, store } = this.#dependencies
    return store.isVisibleTo(id, viewer) ? runs.stop(id) : null
  }

  remove(id: string): boolean {
    return this.#dependencies.runs.remove(id)
  }

  /** Revalidated at every heartbeat. A request from this machine has no credential that could expire. */
  #events(id: string, after: number, credential: Credential | null) {
    const isStillValid = () => credential === null || this.#dependencies.isValid(credential)
    return this.#dependencies.runs.watch(id, after, isStillValid)
  }
}
