import * as v from 'valibot'
import type { Options } from './options.ts'
import type { Recipe } from './recipe.ts'
import type { Receipt, RunState, ToolCall } from './runs.ts'

/** What a guest may change of the recipe. Nothing else that they send is looked at. */
export const EDITABLE = ['prompt', 'system', 'temperature', 'top_p', 'seed'] as const
export type Editable = (typeof EDITABLE)[number]

export const SHARE_DAYS = { initial: 7, most: 90 } as const
export const SHARE_RUNS = { initial: 3, most: 100 } as const
/** What an answer may hold, and what may be sent for it. */
export const SHARE_TOKENS = {
  maxTokens: { initial: 512, least: 1, most: 4096 },
  contextLength: { initial: 4096, least: 256, most: 32_768 },
} as const
const MOST_SHARED = 20
const TITLE_LENGTH = 80

const flag = (initial: boolean) => v.optional(v.boolean('must be true or false'), initial)
const whole = (least: number, most: number) =>
  v.pipe(
    v.number('must be a whole number'),
    v.integer('must be a whole number'),
    v.minValue(least, `must be at least ${least}`),
    v.maxValue(most, `must be at most ${most}`),
  )

/** What is shown besides prompt and answer. */
const Show = v.strictObject({
  system: flag(false),
  thinking: flag(false),
  images: flag(false),
  stats: flag(true),
})
export type Show = v.InferOutput<typeof Show>

const pass = {
  runs: whole(1, SHARE_RUNS.most),
  models: v.pipe(v.array(v.pipe(v.string('must be a text'), v.maxLength(400))), v.maxLength(10)),
  maxTokens: whole(SHARE_TOKENS.maxTokens.least, SHARE_TOKENS.maxTokens.most),
  contextLength: whole(SHARE_TOKENS.contextLength.least, SHARE_TOKENS.contextLength.most),
  editable: v.array(v.picklist(EDITABLE, `must be one of ${EDITABLE.join(', ')}`)),
}

/** The right to run it again at the home. `models` empty: the model of the shared run. `contextLength` bounds what is sent. */
const Pass = v.strictObject({
  runs: v.optional(pass.runs, SHARE_RUNS.initial),
  models: v.optional(pass.models, []),
  maxTokens: v.optional(pass.maxTokens, SHARE_TOKENS.maxTokens.initial),
  contextLength: v.optional(pass.contextLength, SHARE_TOKENS.contextLength.initial),
  editable: v.optional(pass.editable, ['prompt']),
})
export type Pass = v.InferOutput<typeof Pass>

// Control characters, bidi marks and what has no width: nobody writes them into a title with good intent.
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** A title that strangers and previews may see; empty means none. */
const Title = v.pipe(
  v.string('must be a text'),
  v.transform((text) => text.replace(UNSEEN, '').trim()),
  v.maxLength(TITLE_LENGTH, `has more than ${TITLE_LENGTH} characters`),
)

/** Body of `POST /api/shares`. */
export const NewShare = v.strictObject({
  runs: v.pipe(
    v.array(v.string('must be the id of a run'), 'must be a list of runs'),
    v.minLength(1, 'must name at least one'),
    v.maxLength(MOST_SHARED, `must name at most ${MOST_SHARED}`),
  ),
  show: v.optional(Show, {}),
  expiresInDays: v.optional(whole(1, SHARE_DAYS.most), SHARE_DAYS.initial),
  pass: v.optional(Pass),
  title: v.optional(Title, ''),
})
export type NewShare = v.InferOutput<typeof NewShare>

/** Body of `PATCH /api/shares/:id`. Days count from now. `pass` null takes the right away. */
export const ShareChange = v.strictObject({
  expiresInDays: v.optional(whole(1, SHARE_DAYS.most)),
  pass: v.optional(v.nullable(v.partial(v.strictObject(pass)))),
  title: v.optional(Title),
})
export type ShareChange = v.InferOutput<typeof ShareChange>

export const OpenShare = v.strictObject({
  secret: v.pipe(v.string('must be a text'), v.maxLength(200)),
})

/** Body of `POST /api/shares/:id/runs`: values for what the pass leaves open, and which of the shared runs (from 0). */
export const GuestRequest = v.strictObject({
  run: v.optional(whole(0, MOST_SHARED - 1), 0),
  model: v.optional(v.pipe(v.string('must be a text'), v.maxLength(400))),
  prompt: v.optional(
    v.pipe(
      v.string('must be a text'),
      v.check((text) => text.trim() !== '', 'is empty'),
    ),
  ),
  system: v.optional(v.string('must be a text')),
  temperature: v.optional(v.pipe(v.number('must be a number'), v.minValue(0), v.maxValue(5))),
  top_p: v.optional(v.pipe(v.number('must be a number'), v.minValue(0), v.maxValue(1))),
  seed: v.optional(whole(0, 2 ** 31 - 1)),
})
export type GuestRequest = v.InferOutput<typeof GuestRequest>

/** One run as it was when it was shared: only what `show` allows. */
export interface SharedRun {
  state: RunState
  endedAt: string | null
  recipe: Omit<Recipe, 'keepAlive'> & { options?: Options }
  output: { text: string; thinking?: string; toolCalls: ToolCall[] }
  receipt: Receipt | null
}

/** What the pass still allows. */
export interface PassLeft extends Pass {
  runsLeft: number
}

/** What whoever has the link is told. Times RFC 3339, UTC. */
export interface SharedView {
  id: string
  title: string
  createdAt: string
  expiresAt: string
  runs: SharedRun[]
  /** `null`: it can be read only. */
  pass: PassLeft | null
}

export interface OpenedShare {
  /** Shown as `Authorization: Bearer`. Good for half an hour. */
  ticket: string
  share: SharedView
}

/** A share as its owner sees it. */
export interface ShareInfo {
  id: string
  title: string
  /** The beginning of the first prompt: for the owner alone. */
  label: string
  createdAt: string
  expiresAt: string
  revokedAt: string | null
  openedAt: string | null
  opens: number
  show: Show
  pass: PassLeft | null
  /** Guests' runs that are not over. */
  live: string[]
}

/** Said of a share that does not open: from outside all reasons look the same. */
export const DEAD_LINK =
  'This link does not open. It has expired, was revoked, or a part of it is missing.'

/** The header that makes a second click the same as the first. */
export const CLICK_HEADER = 'Idempotency-Key'
