import * as v from 'valibot'
import type { Options } from './options.ts'
import type { Recipe } from './recipe.ts'
import type { Receipt, RunState, ToolCall } from './runs.ts'

/** The fields of the recipe that a guest may be allowed to change. All others are ignored. */
export const EDITABLE = ['prompt', 'system', 'temperature', 'top_p', 'seed'] as const
export type Editable = (typeof EDITABLE)[number]

export const SHARE_DAYS = { initial: 7, most: 90 } as const
export const SHARE_RUNS = { initial: 3, most: 100 } as const
/** The limits on an answer's length and on the context. */
export const SHARE_TOKENS = {
  maxTokens: { initial: 512, least: 1, most: 4096 },
  contextLength: { initial: 4096, least: 256, most: 32_768 },
} as const
const MAX_SHARED = 20
const TITLE_LENGTH = 80

const flag = (initial: boolean) => v.optional(v.boolean('must be true or false'), initial)
const whole = (least: number, most: number) =>
  v.pipe(
    v.number('must be a whole number'),
    v.integer('must be a whole number'),
    v.minValue(least, `must be at least ${least}`),
    v.maxValue(most, `must be at most ${most}`),
  )

/** What a share shows besides prompt and answer. */
const Show = v.strictObject({
  system: flag(false),
  thinking: flag(false),
  images: flag(false),
  stats: flag(true),
})
export type Show = v.InferOutput<typeof Show>

const pass = {
  runs: whole(1, SHARE_RUNS.most),
  models: v.pipe(v.array(v.pipe(v.string('must be text'), v.maxLength(400))), v.maxLength(10)),
  maxTokens: whole(SHARE_TOKENS.maxTokens.least, SHARE_TOKENS.maxTokens.most),
  contextLength: whole(SHARE_TOKENS.contextLength.least, SHARE_TOKENS.contextLength.most),
  editable: v.array(v.picklist(EDITABLE, `must be one of ${EDITABLE.join(', ')}`)),
}

/** The right to run the shared recipe again. Empty `models`: only the model of the shared run. `contextLength` limits the context that is sent. */
const Pass = v.strictObject({
  runs: v.optional(pass.runs, SHARE_RUNS.initial),
  models: v.optional(pass.models, []),
  maxTokens: v.optional(pass.maxTokens, SHARE_TOKENS.maxTokens.initial),
  contextLength: v.optional(pass.contextLength, SHARE_TOKENS.contextLength.initial),
  editable: v.optional(pass.editable, ['prompt']),
})
export type Pass = v.InferOutput<typeof Pass>

// Control characters, bidi marks and zero-width characters have no honest use in a title.
const INVISIBLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** A title that strangers and link previews may see; empty means no title. */
const Title = v.pipe(
  v.string('must be text'),
  v.transform((text) => text.replace(INVISIBLE, '').trim()),
  v.maxLength(TITLE_LENGTH, `has more than ${TITLE_LENGTH} characters`),
)

/** Body of `POST /api/shares`. */
export const NewShare = v.strictObject({
  runs: v.pipe(
    v.array(v.string('must be the id of a run'), 'must be a list of runs'),
    v.minLength(1, 'must name at least one'),
    v.maxLength(MAX_SHARED, `must name at most ${MAX_SHARED}`),
  ),
  show: v.optional(Show, {}),
  expiresInDays: v.optional(whole(1, SHARE_DAYS.most), SHARE_DAYS.initial),
  pass: v.optional(Pass),
  title: v.optional(Title, ''),
})
export type NewShare = v.InferOutput<typeof NewShare>

/** Body of `PATCH /api/shares/:id`. Days count from now. A `pass` of null removes the pass. */
export const ShareChange = v.strictObject({
  expiresInDays: v.optional(whole(1, SHARE_DAYS.most)),
  pass: v.optional(v.nullable(v.partial(v.strictObject(pass)))),
  title: v.optional(Title),
})
export type ShareChange = v.InferOutput<typeof ShareChange>

export const OpenShare = v.strictObject({
  secret: v.pipe(v.string('must be text'), v.maxLength(200)),
})

/** Body of `POST /api/shares/:id/runs`: values for the fields that the pass makes editable, and the index of the shared run. */
export const GuestRequest = v.strictObject({
  run: v.optional(whole(0, MAX_SHARED - 1), 0),
  model: v.optional(v.pipe(v.string('must be text'), v.maxLength(400))),
  prompt: v.optional(
    v.pipe(
      v.string('must be text'),
      v.check((text) => text.trim() !== '', 'is empty'),
    ),
  ),
  system: v.optional(v.string('must be text')),
  temperature: v.optional(v.pipe(v.number('must be a number'), v.minValue(0), v.maxValue(5))),
  top_p: v.optional(v.pipe(v.number('must be a number'), v.minValue(0), v.maxValue(1))),
  seed: v.optional(whole(0, 2 ** 31 - 1)),
})
export type GuestRequest = v.InferOutput<typeof GuestRequest>

/** A run as it was when it was shared, reduced to what `show` allows. */
export interface SharedRun {
  state: RunState
  endedAt: string | null
  recipe: Omit<Recipe, 'keepAlive'> & { options?: Options }
  output: { text: string; thinking?: string; toolCalls: ToolCall[] }
  receipt: Receipt | null
}

/** A pass with the number of runs that are left. */
export interface PassLeft extends Pass {
  runsLeft: number
}

/** What a guest with the link sees. Times are RFC 3339, UTC. */
export interface SharedView {
  id: string
  title: string
  createdAt: string
  expiresAt: string
  runs: SharedRun[]
  /** `null`: the share is read-only. */
  pass: PassLeft | null
}

export interface OpenedShare {
  /** The guest sends it as `Authorization: Bearer`. It is valid for half an hour. */
  ticket: string
  share: SharedView
}

/** A share as its owner sees it. */
export interface ShareInfo {
  id: string
  title: string
  /** The beginning of the first prompt, for the owner only. */
  label: string
  createdAt: string
  expiresAt: string
  revokedAt: string | null
  openedAt: string | null
  opens: number
  show: Show
  pass: PassLeft | null
  /** Guests' runs that are still going. */
  live: string[]
}

/** One sentence for every reason, so that a guest cannot tell the reasons apart. */
export const DEAD_LINK =
  'This link does not open. It has expired, was revoked, or a part of it is missing.'

/** The header that makes a repeated click safe. */
export const CLICK_HEADER = 'Idempotency-Key'
