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

/** The kinds of caller that start runs, in order of priority. */
export const LANES = ['owner', 'token', 'guest'] as const
export type Lane = (typeof LANES)[number]

/** Who started a run: its lane; for a token its id, for a guest the share and the ticket. */
export type Starter =
  { lane: 'owner' } | { lane: 'token'; id: string } | { lane: 'guest'; id: string; ticket: string }

/** A signed-in device. Times are RFC 3339, UTC. */
export interface SessionInfo {
  id: string
  /** Coarse words for the browser and its system. */
  device: string
  createdAt: string
  lastSeenAt: string
  /** When it ends, unless it is used before then. */
  expiresAt: string
  /** Whether this request came from it. */
  current: boolean
}

/** How much a token may use the home. Every limit has a maximum: sooner or later a script runs wild, or a token leaks. */
export const TOKEN_LIMITS = {
  requestsPerMinute: { label: 'Requests per minute', initial: 60, most: 6000 },
  atOnce: { label: 'Answers at once, including queued ones', initial: 4, most: 50 },
  tokensPerDay: {
    label: 'Tokens per day, prompts and answers',
    initial: 500_000,
    most: 100_000_000,
  },
} as const
export type LimitName = keyof typeof TOKEN_LIMITS
export const LIMIT_NAMES = Object.keys(TOKEN_LIMITS) as LimitName[]

/** An API token, without its secret. Times are RFC 3339, UTC. */
export interface TokenInfo {
  id: string
  name: string
  scopes: Scope[]
  limits: TokenLimits
  /** How much of `tokensPerDay` it has used since midnight, UTC. */
  tokensToday: number
  createdAt: string
  expiresAt: string
  lastUsedAt: string | null
}

/** What every caller may know about signing in, and whether this caller is signed in. */
export interface SessionStatus {
  /** How the caller has proved to be the owner; `null`: not the owner. */
  owner: 'machine' | 'session' | 'access' | null
  /** The id of the caller's session. */
  session: string | null
  /** Why the caller is not the owner, in a sentence. */
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

/** An API token with its secret, which is returned only once. */
export interface NewTokenInfo extends TokenInfo {
  token: string
}

const short = v.pipe(v.string(), v.maxLength(200))

/** The credential to sign in with: the owner key or a one-time code. */
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

/** An empty `models` allows every model. */
const TokenLimits = v.strictObject({
  requestsPerMinute: limit(TOKEN_LIMITS.requestsPerMinute),
  atOnce: limit(TOKEN_LIMITS.atOnce),
  tokensPerDay: limit(TOKEN_LIMITS.tokensPerDay),
  models: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.trim(), v.nonEmpty('is empty'), v.maxLength(400))),
      v.maxLength(20, 'has more than 20 entries'),
    ),
    [],
  ),
})
export type TokenLimits = v.InferOutput<typeof TokenLimits>
/** The limits of a token that was created without any. */
export const DEFAULT_LIMITS = v.parse(TokenLimits, {})

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
export type ParsedTokenRequest = v.InferOutput<typeof TokenRequest>
