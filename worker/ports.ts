import type { Starter } from '../src/lib/contract/access.ts'
import type { LastSeen } from '../src/lib/contract/health.ts'
import type { Recipe } from '../src/lib/contract/recipe.ts'
import type { RunList, RunState, Started } from '../src/lib/contract/runs.ts'
import type { Kept, Settings } from '../src/lib/contract/settings.ts'
import type { Finding, Verdict } from '../src/lib/diagnosis/index.ts'
import type { Config } from './config.ts'
import type { FormatName } from './export/formats.ts'

/** The latest verdict on the home, with its times (ms since 1970). */
export interface KeptVerdict {
  verdict: Verdict
  checkedAt: number
  /** Since when the home has been in this state for this cause. */
  since: number
  lastSeen: LastSeen | null
}

export interface CheckRequest {
  /** Only evidence gathered after the request arrived. */
  fresh?: boolean
  /** Ask for this model instead of the configured ones. */
  model?: string | null
  /** Ask for a token, too. It never loads, evicts or prolongs a model, but for `load`. */
  deep?: boolean
  load?: boolean
}

export type OnFindings = (findings: Finding[]) => void

/** All that the API needs from the platform, so that its types do not drag the platform's into the page. */
export interface Ports {
  config: Config
  /** `onFindings` is told the rungs that are lit so far, while a check that is made for this request climbs. */
  check: (request: CheckRequest, onFindings?: OnFindings) => Promise<KeptVerdict>
  runs: RunsPort
  settings: SettingsPort
  /** Waits for a turn at the home, for a request that is no run. The answer gives it back. */
  turn: () => Promise<() => void>
}

/** The home's runs. `null`: there is no such run, or not for them. Streams carry the events as they are sent to a viewer. */
export interface RunsPort {
  /** `null`: too many wait already. */
  start: (recipe: Recipe, starter: Starter) => Promise<Started | null>
  startAndWatch: (
    recipe: Recipe,
    starter: Starter,
  ) => Promise<{ started: Started; events: ReadableStream<Uint8Array> } | null>
  watch: (id: string, after: number, viewer: Starter) => Promise<ReadableStream<Uint8Array> | null>
  /** A `RunDetail` as JSON. */
  find: (id: string, viewer: Starter) => Promise<string | null>
  list: (query: ListQuery) => Promise<RunList>
  export: (choice: RunChoice, format: FormatName) => Promise<ReadableStream<Uint8Array>>
  stop: (id: string, viewer: Starter) => Promise<RunState | null>
  remove: (id: string) => Promise<boolean>
}

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

export interface SettingsPort {
  read: () => Promise<Settings>
  keep: (kept: Kept) => Promise<Settings>
  countOver: (kept: Kept) => Promise<number>
}
