import type { Starter } from '../../src/lib/contract/access.ts'
import type { QueueSettings, QueueState } from '../../src/lib/contract/queue.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type { RunList, RunState, Started } from '../../src/lib/contract/runs.ts'
import type { ProblemCode } from '../../src/lib/contract/problem.ts'
import type { Credential } from '../auth/credential.ts'
import type { FormatName } from './export/formats.ts'

export interface ListQuery {
  limit: number
  before?: string
  q?: string
}

/** These runs; without `ids` those that have the words of `q`, or every one. */
export interface RunChoice {
  ids?: string[]
  q?: string
}

/** The home's runs. `null`: there is no such run, or not for them. Streams carry the events as they are sent to a viewer, as
 * long as the credential holds. */
export interface RunsPort {
  /** `null`: it does not get in. */
  start: (recipe: Recipe, starter: Starter) => Promise<Started | null>
  startAndWatch: (
    recipe: Recipe,
    starter: Starter,
    credential: Credential | null,
  ) => Promise<{ started: Started; events: ReadableStream<Uint8Array> } | null>
  watch: (
    id: string,
    after: number,
    viewer: Starter,
    credential: Credential | null,
  ) => Promise<ReadableStream<Uint8Array> | null>
  /** A `RunDetail` as JSON. */
  find: (id: string, viewer: Starter) => Promise<string | null>
  list: (query: ListQuery) => Promise<RunList>
  export: (choice: RunChoice, format: FormatName) => Promise<ReadableStream<Uint8Array>>
  stop: (id: string, viewer: Starter) => Promise<RunState | null>
  remove: (id: string) => Promise<boolean>
}

/** A place in the queue, then a slot at the home. Disposing of it gives it back, as does not renewing it. */
export interface QueueLease {
  /** Whether the slot has been granted. Waits for a moment before it answers `false`. */
  isGranted: () => Promise<boolean>
  /** Extends the lease and reports how many tokens the request has cost so far. */
  renew: (spent: number) => Promise<void>
  [Symbol.dispose]: () => void
}

/** Why the queue does not accept a request. */
export interface Rejection {
  code: ProblemCode
  detail: string
  retryAfterS?: number
}

/** The queue that runs and other requests to the home share. */
export interface QueuePort {
  read: () => Promise<QueueState>
  change: (settings: QueueSettings) => Promise<QueueState>
  /** For a request that is not a run; `null` if it is rejected. */
  lease: (starter: Starter, model: string) => Promise<QueueLease | null>
  /** Why a request was rejected. */
  rejection: (starter: Starter, model: string) => Promise<Rejection>
}
