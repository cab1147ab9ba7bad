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

const DEEP_EVERY_MS = 5 * MINUTE_MS
/** More than anybody can keep in mind; the next one is refused. */
const MOST = 100

type Row = {
  id: string
  name: string
  scopes: string
  limits: string
  created_at: number
  expires_at: number
  used_at: number | null
  day: string | null
  tokens: number
}

/** What a token wants, and what it has already. */
interface Wish {
  model: string
  /** At the home, or waiting. */
  atOnce: number
  today: number
}

/** A limit that a wish may be over, and what is said then. `retryS`: when it may be otherwise. */
type Check = {
  isOver: (limits: TokenLimits, wish: Wish) => boolean
  code: Rejection['code']
  detail: string
  retryS?: (now: number) => number
}

const CHECKS: readonly Check[] = [
  {
    isOver: ({ models }, { model }) =>
      models.length > 0 && !models.some((one) => sameModel(one, model)),
    code: 'forbidden',
    detail:
      'This token may not use this model. Use one that GET /v1/models lists, or create a token for it in the settings.',
  },
  {
    isOver: ({ atOnce }, wish) => wish.atOnce >= atOnce,
    code: 'limit',
    detail:
      'This token has reached its limit of simultaneous answers. Wait until one is finished, or stop one.',
    retryS: () => 5,
  },
  {
    isOver: ({ tokensPerDay }, { today }) => today >= tokensPerDay,
    code: 'limit',
    detail: 'This token has reached its daily limit. The limit resets at midnight UTC.',
    retryS: (now) => Math.ceil((DAY_MS - (now % DAY_MS)) / 1000),
  },
]

/** API tokens: who may do what without being the owner. Times in ms. */
export function tokensOf(sql: SqlStorage) {
  const minute = new FixedWindowLimiter()
  const rowOf = (id: string) => sql.exec<Row>('SELECT * FROM token WHERE id = ?', id).toArray()[0]

  /** `null`: there are too many. */
  function add(
    { id, hash, name, scopes, limits, expiresAt }: NewToken,
    now: number,
  ): TokenInfo | null {
    if (sql.exec('SELECT 1 FROM token').toArray().length >= MOST) return null
    sql.exec(
      'INSERT INTO token (id, hash, name, scopes, limits, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[id, hash, name, JSON.stringify(scopes), JSON.stringify(limits), now, expiresAt],
    )
    return list(now).find((token) => token.id === id) ?? null
  }

  /** Written down as used, at most once a minute. `counts`: as one of the requests that it may make in a minute. */
  function find(hash: string, now: number, counts: boolean): TokenHolder | null {
    const [row] = sql
      .exec<Row>('SELECT * FROM token WHERE hash = ? AND expires_at > ?', hash, now)
      .toArray()
    if (!row) return null
    if ((row.used_at ?? 0) <= now - MINUTE_MS)
      sql.exec('UPDATE token SET used_at = ? WHERE id = ?', now, row.id)
    const { models, requestsPerMinute } = limitsOf(row)
    const waitMs =
      counts && minute.isOver(requestsPerMinute, [row.id], now) ? minute.leftMs(now) : 0
    return { who: 'token', id: row.id, scopes: scopesOf(row), models, waitMs }
  }

  /** Newest first, those that have expired too: who wonders why a script fails looks here. */
  const list = (now: number): TokenInfo[] =>
    sql
      .exec<Row>('SELECT * FROM token ORDER BY created_at DESC, rowid DESC')
      .toArray()
      .map((row) => infoOf(row, now))

  /** Why this token may not ask this now; `null`: it may. */
  function decline(id: string, model: string, atOnce: number, now: number): Rejection | null {
    const row = rowOf(id)
    if (!row) return { code: 'not_signed_in', detail: 'This token is no longer valid.' }
    const limits = limitsOf(row)
    const over = CHECKS.find(({ isOver }) =>
      isOver(limits, { model, atOnce, today: todayOf(row, now) }),
    )
    return over
      ? {
          code: over.code,
          detail: over.detail,
          ...(over.retryS ? { retryAfterS: over.retryS(now) } : {}),
        }
      : null
  }

  function spend(id: string, tokens: number, now: number) {
    const row = tokens > 0 ? rowOf(id) : undefined
    if (row)
      sql.exec(
        'UPDATE token SET day = ?, tokens = ? WHERE id = ?',
        dayOf(now),
        todayOf(row, now) + tokens,
        id,
      )
  }

  /** A deep check spends the GPU: one in five minutes. ms until the next; 0: now, and it counts. */
  function takeDeepCheck(id: string, now: number): number {
    const [row] = sql
      .exec<{ deep_at: number | null }>('SELECT deep_at FROM token WHERE id = ?', id)
      .toArray()
    const wait = (row?.deep_at ?? -Infinity) + DEEP_EVERY_MS - now
    if (wait > 0) return wait
    sql.exec('UPDATE token SET deep_at = ? WHERE id = ?', now, id)
    return 0
  }

  const remove = (id: string) => sql.exec('DELETE FROM token WHERE id = ?', id).rowsWritten > 0

  return { add, find, list, decline, spend, takeDeepCheck, remove }
}

const scopesOf = ({ scopes }: Row) => JSON.parse(scopes) as Scope[]
const limitsOf = ({ limits }: Row): TokenLimits => ({
  ...DEFAULT_LIMITS,
  ...(JSON.parse(limits) as Partial<TokenLimits>),
})
const dayOf = (now: number) => iso(now).slice(0, 10)
const todayOf = ({ day, tokens }: Row, now: number) => (day === dayOf(now) ? tokens : 0)

const infoOf = (row: Row, now: number): TokenInfo => ({
  id: row.id,
  name: row.name,
  scopes: scopesOf(row),
  limits: limitsOf(row),
  tokensToday: todayOf(row, now),
  createdAt: iso(row.created_at),
  expiresAt: iso(row.expires_at),
  lastUsedAt: row.used_at === null ? null : iso(row.used_at),
})
