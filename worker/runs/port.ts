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

/** The runs with these `ids`, otherwise those that match the search text `q`, otherwise all. */
export interface RunChoice {
  ids?: string[]
  q?: string
}

/**
 * The home's runs. `null` means that there is no such run, or that this viewer may not see it. Streams carry the events as they
 * are sent to a viewer, and end when the credential becomes invalid.
 */
export interface RunsPort {
  /** `null` if the queue rejects it. */
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

/** A place in the queue, then a slot at the home. It ends when it is disposed of, or not renewed for too long. */
export interface QueueLease {
  /** Whether the slot has been granted. Waits for up to two seconds before it returns `false`. */
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
