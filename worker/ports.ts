import type {
  Scope,
  SessionInfo,
  Starter,
  TokenInfo,
  TokenLimits,
} from '../src/lib/contract/access.ts'
import type {
  AlertsChange,
  AlertsView,
  Delivery,
  Subscription,
  Unsubscription,
} from '../src/lib/contract/alerts.ts'
import type { LastSeen } from '../src/lib/contract/health.ts'
import type { QueueSettings, QueueState } from '../src/lib/contract/queue.ts'
import type { History, IncidentList, Resolution, Watch } from '../src/lib/contract/history.ts'
import type { Recipe } from '../src/lib/contract/recipe.ts'
import type { RunList, RunState, Started } from '../src/lib/contract/runs.ts'
import type { Exposure } from '../src/lib/diagnosis/exposure.ts'
import type { Problem, ProblemCode } from '../src/lib/contract/problem.ts'
import type { GuestRequest, NewShare, ShareChange, ShareInfo } from '../src/lib/contract/shares.ts'
import type { Outlook, WarmRequest, WarmUp } from '../src/lib/contract/warmth.ts'
import type { Kept, Settings } from '../src/lib/contract/settings.ts'
import type { Finding, Verdict } from '../src/lib/diagnosis/index.ts'
import type { Known } from './auth/caller.ts'
import type { Credential } from './auth/credential.ts'
import type { Config } from './config.ts'
import type { FormatName } from './runs/export/formats.ts'

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

/** A turn at the home. */
export interface QueueSlot {
  /** Whoever has the place says how many tokens it has cost the home so far. */
  count: (tokens: number) => void
  giveBack: () => void
}

/** A refusal, as Home tells it. */
export interface Rejection {
  code: ProblemCode
  detail: string
  retryAfterS?: number
}

export type OnFindings = (findings: Finding[]) => void

/** All that the API needs from the platform, so that its types do not drag the platform's into the page. */
export interface Ports {
  config: Config
  /** `onFindings` is told the rungs that are lit so far, while a check that is made for this request climbs. */
  check: (request: CheckRequest, onFindings?: OnFindings) => Promise<KeptVerdict>
  /** The last verdict of this server's life, without asking the home; `null`: none yet. */
  latest: () => Promise<KeptVerdict | null>
  access: AccessPort
  runs: RunsPort
  /** Waits for a turn at the home, for a request that is no run; `null`: it does not get one. Who has `left` loses the place at once. */
  turn: (starter: Starter, model: string, left: AbortSignal) => Promise<QueueSlot | null>
  /** Why somebody did not get in. */
  whyNot: (starter: Starter, model: string) => Promise<Rejection>
  queue: QueuePort
  exposure: ExposurePort
  shares: SharesPort
  warmth: WarmthPort
  alerts: AlertsPort
  monitor: MonitorPort
  settings: SettingsPort
}

/** What the monitor has seen. Times ms since 1970. */
export interface MonitorPort {
  /** From and to lie on the boundaries of slots. */
  history: (res: Resolution, from: number, to: number) => Promise<History>
  incidents: (query: { limit: number; before?: number }) => Promise<IncidentList>
  /** A `FailureList` as JSON. */
  failures: () => Promise<string>
  watch: () => Promise<Watch>
}

/** Whether strangers can use the home, as it was last seen. Times are ms since 1970. */
export interface KeptExposure {
  /** The address that it was seen of. */
  origin: string
  state: Exposure
  checkedAt: number | null
  hiddenUntil: number | null
}

export interface ExposurePort {
  state: (fresh: boolean) => Promise<KeptExposure>
  /** Without looking, however old. */
  kept: () => Promise<KeptExposure>
  hide: (until: number) => Promise<KeptExposure>
}

/** How the owner is told. `origin`: by what address they use us just now, which is where alerts will lead. */
export interface AlertsPort {
  view: () => Promise<AlertsView>
  change: (change: AlertsChange, origin: string) => Promise<AlertsView>
  test: (origin: string) => Promise<Delivery[]>
  /** `null`: the keys that were set are not usable. */
  key: () => Promise<string | null>
  /** `false`: there are too many already. */
  subscribe: (subscription: Subscription, origin: string) => Promise<boolean>
  /** `false`: there is no such device. */
  unsubscribe: (which: Unsubscription) => Promise<boolean>
}

/** A port as the one who keeps it: what is awaited from afar is an answer there. */
export type Promised<Methods> = {
  [Name in keyof Methods]: Methods[Name] extends (...asked: infer Asked) => Promise<infer Told>
    ? (...asked: Asked) => Told | Promise<Told>
    : never
}

export interface NewShareId {
  id: string
  /** Of the secret. */
  hash: string
}

/** Somebody shows the secret of a share. Hashes are lower-case hex SHA-256; `source` is whence it comes. */
export interface OpenAttempt extends NewShareId {
  /** The hash of the ticket that is given out if the secret is right. */
  ticket: string
  source: string
}

/** What is shown to others, and what they may run. */
export interface SharesPort {
  create: (
    share: NewShareId,
    asked: NewShare,
  ) => Promise<'created' | 'unknown' | 'unfinished' | 'too_large'>
  list: () => Promise<ShareInfo[]>
  change: (id: string, change: ShareChange) => Promise<'changed' | 'unknown' | 'no_pass'>
  revoke: (id: string) => Promise<boolean>
  /** `view`: a `SharedView` as JSON. */
  open: (
    knock: OpenAttempt,
  ) => Promise<{ view: string } | 'wrong' | 'too_often' | 'expired' | 'revoked'>
  /** What its owner wrote for everybody; empty: nothing, or no such share. */
  title: (id: string) => Promise<string>
  runsLeft: (id: string) => Promise<number>
  start: (
    id: string,
    ticket: string,
    request: GuestRequest,
    click: string,
  ) => Promise<Started | { problem: Problem }>
}

/** Who is at the home, and who waits. */
export interface QueuePort {
  read: () => Promise<QueueState>
  change: (settings: QueueSettings) => Promise<QueueState>
}

/** Somebody shows a key or a code, and a session that it may open. Hashes are lower-case hex SHA-256. */
export interface SignIn {
  kind: 'key' | 'code'
  hash: string
  /** Whence it comes: wrong tries are counted by it. */
  source: string
  session: { id: string; hash: string; device: string }
  /** The hash of the session that the browser has already. */
  current: string | null
}

/** `waitMs`: until the next try is looked at. */
export type SignedIn = { result: 'open' } | { result: 'wrong' | 'too_soon'; waitMs: number }

/** Loading a model before it is needed, and what loading takes at this home. */
export interface WarmthPort {
  /** `null` while another model is being loaded. */
  start: (request: WarmRequest) => Promise<WarmUp | null>
  read: () => Promise<WarmUp | null>
  stop: () => Promise<void>
  /** In the order of the models. */
  outlooks: (models: Weights[]) => Promise<Outlook[]>
}

/** The weights of a model, as far as the home tells them. `size` in bytes. */
export interface Weights {
  model: string
  digest: string | null
  size: number | null
}

/** Who may do what, as Home keeps it. Times in ms since 1970. */
export interface AccessPort {
  /** `null`: nobody, or not any more. `counts`: it is a request, not another look at an answer that goes on. */
  identify: (credential: Credential, counts?: boolean) => Promise<Known | null>
  signIn: (attempt: SignIn) => Promise<SignedIn>
  offerCode: (hash: string, expiresAt: number) => Promise<void>
  sessions: () => Promise<Omit<SessionInfo, 'current'>[]>
  endSession: (id: string) => Promise<boolean>
  endSessionOf: (hash: string) => Promise<void>
  endSessions: () => Promise<void>
  tokens: () => Promise<TokenInfo[]>
  /** `null`: there are too many. */
  addToken: (token: NewToken) => Promise<TokenInfo | null>
  removeToken: (id: string) => Promise<boolean>
  /** ms until this token may have the home asked for a token; 0: now, and it counts. */
  takeDeepCheck: (id: string) => Promise<number>
}

export interface NewToken {
  id: string
  /** Of the whole token. */
  hash: string
  name: string
  scopes: readonly Scope[]
  limits: TokenLimits
  expiresAt: number
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
