import * as v from 'valibot'

/** What an API token may do. */
export const SCOPES = {
  'status:read': 'See the status with its cause and its fix',
  'runs:write': 'Start runs, and see the ones it started',
  'models:read': 'List the models',
  v1: 'Use /v1 as any OpenAI client does',
} as const

export type Scope = keyof typeof SCOPES
export const SCOPE_NAMES = Object.keys(SCOPES) as Scope[]

/** In whose name a run is made, in the order in which they come to their turn. */
export const LANES = ['owner', 'token', 'guest'] as const
export type Lane = (typeof LANES)[number]

/** Who started a run: its lane, and for a token its id, for a guest the share and the ticket. */
export type Starter =
  { lane: 'owner' } | { lane: 'token'; id: string } | { lane: 'guest'; id: string; ticket: string }

/** A device that is signed in. Times RFC 3339, UTC. */
export interface SessionInfo {
  id: string
  /** Coarse words for the browser and its system. */
  device: string
  createdAt: string
  lastSeenAt: string
  /** When it ends unless it is used before. */
  expiresAt: string
  /** Whether it is the one that asks. */
  current: boolean
}

/** What a token may use of the home. Each has an end: a script runs wild sooner or later, and a token leaks. */
export const TOKEN_LIMITS = {
  requestsPerMinute: { label: 'Requests a minute', initial: 60, most: 6000 },
  atOnce: { label: 'Answers at once, waiting ones too', initial: 4, most: 50 },
  tokensPerDay: { label: 'Tokens a day, read and written', initial: 500_000, most: 100_000_000 },
} as const
export type LimitName = keyof typeof TOKEN_LIMITS
export const LIMIT_NAMES = Object.keys(TOKEN_LIMITS) as LimitName[]

/** An API token, without its secret. Times RFC 3339, UTC. */
export interface TokenInfo {
  id: string
  name: string
  scopes: Scope[]
  limits: TokenLimits
  /** What it has used of `tokensPerDay` since midnight, UTC. */
  tokensToday: number
  createdAt: string
  expiresAt: string
  lastUsedAt: string | null
}

/** What anybody may know of the door, and whether whoever asks is inside. */
export interface SessionStatus {
  /** Whether the asker is the owner, and by what. */
  owner: 'machine' | 'session' | 'access' | null
  /** The id of the asker's session. */
  session: string | null
  /** Why not, in a sentence. */
  why: string | null
  isSetUp: boolean
  hasKey: boolean
  hasAccess: boolean
  /** The address for other devices; `null`: only this machine can reach this server. */
  reach: string | null
}

export interface Code {
  /** A link with the code in its fragment. */
  url: string
  expiresAt: string
}

/** An API token with its secret, told once. */
export interface NewTokenInfo extends TokenInfo {
  token: string
}

const short = v.pipe(v.string(), v.maxLength(200))

/** What is shown to sign in: the owner key, or a one-time code. */
export const SignInRequest = v.union([
  v.strictObject({ key: short }),
  v.strictObject({ code: short }),
])

const DAYS = { initial: 30, most: 365 } as const
const scope = v.picklist(SCOPE_NAMES)

const limit = ({ initial, most }: (typeof TOKEN_LIMITS)[LimitName]) =>
  v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(1, 'must be at least 1'),
      v.maxValue(most, `must be at most ${most}`),
    ),
    initial,
  )

/** `models` empty: any. */
const TokenLimits = v.strictObject({
  requestsPerMinute: limit(TOKEN_LIMITS.requestsPerMinute),
  atOnce: limit(TOKEN_LIMITS.atOnce),
  tokensPerDay: limit(TOKEN_LIMITS.tokensPerDay),
  models: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.trim(), v.nonEmpty('is empty'), v.maxLength(400))),
      v.maxLength(20, 'has more than 20'),
    ),
    [],
  ),
})
export type TokenLimits = v.InferOutput<typeof TokenLimits>
/** Of a token that was made without any. */
export const USUAL_LIMITS = v.parse(TokenLimits, {})

export type SignInRequest = v.InferOutput<typeof SignInRequest>

export const TokenRequest = v.strictObject({
  name: v.pipe(
    v.string(),
    v.trim(),
    v.minLength(1, 'must not be empty'),
    v.maxLength(80, 'has more than 80 characters'),
  ),
  scopes: v.pipe(v.array(scope), v.minLength(1, 'must name at least one')),
  expiresInDays: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(1, 'must be at least 1'),
      v.maxValue(DAYS.most, `must be at most ${DAYS.most}`),
    ),
    DAYS.initial,
  ),
  limits: v.optional(TokenLimits, {}),
})

export type TokenRequest = v.InferInput<typeof TokenRequest>
export type WantedToken = v.InferOutput<typeof TokenRequest>
