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

interface Needs {
  sql: SqlStorage
  runs: Runs
  store: RunStore
  runQueue: QueueService
  /** Whether a session, token or guest session may still be used. */
  isValid: (credential: Credential) => boolean
}

/** Runs as callers may start, watch and read them. */
export class RunsService extends RpcTarget implements Implements<RunsPort> {
  readonly #needs: Needs

  constructor(needs: Needs) {
    super()
    this.#needs = needs
  }

  start(recipe: Recipe, starter: Starter): Started | null {
    const { runQueue, runs } = this.#needs
    return runQueue.accepts(starter, recipe.model) ? runs.start(recipe, starter) : null
  }

  /** Starting and watching in one call: the first token costs one round trip. */
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
    return this.#needs.store.isSeenBy(id, viewer) ? this.#events(id, after, credential) : null
  }

  /** As JSON, because RPC types cannot express all that a recipe may contain. */
  find(id: string, viewer: Starter): string | null {
    const { runs, store } = this.#needs
    if (!store.isSeenBy(id, viewer)) return null
    runs.settle(id)
    const run = store.find(id)
    return run && JSON.stringify(run)
  }

  list(query: ListQuery): RunList {
    return listRuns(this.#needs.sql, query)
  }

  /** Reads one run at a time, as fast as the client takes them. */
  export(choice: RunChoice, format: FormatName): ReadableStream<Uint8Array> {
    const { sql, runs, store } = this.#needs
    const find = (id: string) => {
      runs.settle(id)
      return store.find(id)
    }
    return exportOf(chosenRuns(sql, choice), find, format)
  }

  stop(id: string, viewer: Starter): RunState | null {
    const { runs, store } = this.#needs
    return store.isSeenBy(id, viewer) ? runs.stop(id) : null
  }

  remove(id: string): boolean {
    return this.#needs.runs.remove(id)
  }

  /** Revalidated at every heartbeat. `null`: the person at this machine, who has nothing that could expire. */
  #events(id: string, after: number, credential: Credential | null) {
    const mayGoOn = () => credential === null || this.#needs.isValid(credential)
    return this.#needs.runs.watch(id, after, mayGoOn)
  }
}
