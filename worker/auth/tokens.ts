import {
  DEFAULT_LIMITS,
  type Scope,
  type TokenInfo,
  type TokenLimits,
} from '../../src/lib/contract/access.ts'
import { sameModel } from '../../src/lib/diagnosis/index.ts'
import type { TokenHolder } from './caller.ts'
import type { Rejection } from '../runs/port.ts'
import type { NewToken } from './port.ts'
import { FixedWindowLimiter } from './rate-limiter.ts'
import { DAY_MS, iso, MINUTE_MS } from '../time.ts'

const DEEP_CHECK_EVERY_MS = 5 * MINUTE_MS
const MAX_TOKENS = 100

type Row = {
  id: string
  name: string
  scopes: string
  limits: string
  created_at: number
  expires_at: number
  used_at: number | null
  deep_at: number | null
  day: string | null
  tokens: number
}

/** What a token asks for, and what it uses already. */
interface Usage {
  model: string
  /** Answers that are running or queued. */
  answers: number
  tokensToday: number
}

interface Limit {
  isExceeded: (limits: TokenLimits, usage: Usage) => boolean
  code: Rejection['code']
  detail: string
  retryAfterS?: (now: number) => number
}

const LIMITS = [
  {
    isExceeded: ({ models }, { model }) =>
      models.length > 0 && !models.some((one) => sameModel(one, model)),
    code: 'forbidden',
    detail:
      'This token may not use this model. Use one that GET /v1/models lists, or create a token for it in the settings.',
  },
  {
    isExceeded: ({ atOnce }, { answers }) => answers >= atOnce,
    code: 'limit',
    detail:
      'This token has reached its limit of simultaneous answers. Wait until one is finished, or stop one.',
    retryAfterS: () => 5,
  },
  {
    isExceeded: ({ tokensPerDay }, { tokensToday }) => tokensToday >= tokensPerDay,
    code: 'limit',
    detail: 'This token has reached its daily limit. The limit resets at midnight UTC.',
    retryAfterS: (now) => Math.ceil((DAY_MS - (now % DAY_MS)) / 1000),
  },
] as const satisfies readonly Limit[]

/** API tokens: each lets a script do what its scopes allow, within its limits. */
export class Tokens {
  readonly #sql: SqlStorage
  readonly #requests = new FixedWindowLimiter()

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** `null` if there are too many tokens. */
  add({ id, hash, name, scopes, limits, expiresAt }: NewToken, now: number): TokenInfo | null {
    if (this.#sql.exec('SELECT 1 FROM token').toArray().length >= MAX_TOKENS) return null
    this.#sql.exec(
      'INSERT INTO token (id, hash, name, scopes, limits, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[id, hash, name, JSON.stringify(scopes), JSON.stringify(limits), now, expiresAt],
    )
    return this.list(now).find((token) => token.id === id) ?? null
  }

  /** Updates the time of last use, at most once a minute. `isRequest`: it counts toward the requests per minute. */
  find(hash: string, now: number, isRequest: boolean): TokenHolder | null {
    const [row] = this.#sql
      .exec<Row>('SELECT * FROM token WHERE hash = ? AND expires_at > ?', hash, now)
      .toArray()
    if (!row) return null
    if ((row.used_at ?? 0) <= now - MINUTE_MS)
      this.#sql.exec('UPDATE token SET used_at = ? WHERE id = ?', now, row.id)
    const { models, requestsPerMinute } = limitsOf(row)
    const isLimited = isRequest && this.#requests.isOver(requestsPerMinute, [row.id], now)
    const waitMs = isLimited ? this.#requests.leftMs(now) : 0
    return { who: 'token', id: row.id, scopes: scopesOf(row), models, waitMs }
  }

  /** Newest first. Expired tokens stay in the list, because they explain why a script fails. */
  list(now: number): TokenInfo[] {
    return this.#sql
      .exec<Row>('SELECT * FROM token ORDER BY created_at DESC, rowid DESC')
      .toArray()
      .map((row) => infoOf(row, now))
  }

  /** Which limit stops this token now; `null` if none does. */
  rejection(id: string, model: string, answers: number, now: number): Rejection | null {
    const row = this.#row(id)
    if (!row) return { code: 'not_signed_in', detail: 'This token is no longer valid.' }
    const limits = limitsOf(row)
    const usage = { model, answers, tokensToday: tokensOn(now, row) }
    const exceeded = (LIMITS as readonly Limit[]).find(({ isExceeded }) =>
      isExceeded(limits, usage),
    )
    if (!exceeded) return null
    const { code, detail, retryAfterS } = exceeded
    return { code, detail, ...(retryAfterS ? { retryAfterS: retryAfterS(now) } : {}) }
  }

  recordUsage(id: string, tokens: number, now: number) {
    const row = tokens > 0 ? this.#row(id) : undefined
    if (row)
      this.#sql.exec(
        'UPDATE token SET day = ?, tokens = ? WHERE id = ?',
        dayOf(now),
        tokensOn(now, row) + tokens,
        id,
      )
  }

  /** A deep check costs GPU time. Returns the ms until the next one is allowed; 0 allows and records this one. */
  consumeDeepCheck(id: string, now: number): number {
    const waitMs = (this.#row(id)?.deep_at ?? -Infinity) + DEEP_CHECK_EVERY_MS - now
    if (waitMs > 0) return waitMs
    this.#sql.exec('UPDATE token SET deep_at = ? WHERE id = ?', now, id)
    return 0
  }

  remove(id: string): boolean {
    return this.#sql.exec('DELETE FROM token WHERE id = ?', id).rowsWritten > 0
  }

  #row(id: string): Row | undefined {
    return this.#sql.exec<Row>('SELECT * FROM token WHERE id = ?', id).toArray()[0]
  }
}

const scopesOf = ({ scopes }: Row) => JSON.parse(scopes) as Scope[]
const limitsOf = ({ limits }: Row): TokenLimits => ({
  ...DEFAULT_LIMITS,
  ...(JSON.parse(limits) as Partial<TokenLimits>),
})
const dayOf = (now: number) => iso(now).slice(0, 10)
const tokensOn = (now: number, { day, tokens }: Row) => (day === dayOf(now) ? tokens : 0)

const infoOf = (row: Row, now: number): TokenInfo => ({
  id: row.id,
  name: row.name,
  scopes: scopesOf(row),
  limits: limitsOf(row),
  tokensToday: tokensOn(now, row),
  createdAt: iso(row.created_at),
  expiresAt: iso(row.expires_at),
  lastUsedAt: row.used_at === null ? null : iso(row.used_at),
})
