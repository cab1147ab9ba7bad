import type { Scope, TokenInfo } from '../../src/lib/contract/access.ts'
import type { NewToken } from '../ports.ts'
import type { TokenHolder } from './tickets.ts'

const MINUTE_MS = 60_000
const DEEP_EVERY_MS = 5 * MINUTE_MS
/** More than anybody can keep in mind; the next one is refused. */
const MOST = 100

type Row = {
  id: string
  name: string
  scopes: string
  created_at: number
  expires_at: number
  used_at: number | null
}

/** API tokens: who may do what without being the owner. Times in ms. */
export function tokensOf(sql: SqlStorage) {
  /** `null`: there are too many. */
  function add({ id, hash, name, scopes, expiresAt }: NewToken, now: number): TokenInfo | null {
    if (sql.exec('SELECT 1 FROM token').toArray().length >= MOST) return null
    sql.exec(
      'INSERT INTO token (id, hash, name, scopes, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
      ...[id, hash, name, JSON.stringify(scopes), now, expiresAt],
    )
    return list().find((token) => token.id === id) ?? null
  }

  /** Written down as used, at most once a minute. */
  function find(hash: string, now: number): TokenHolder | null {
    const [row] = sql.exec<Row>('SELECT * FROM token WHERE hash = ? AND expires_at > ?', hash, now).toArray()
    if (!row) return null
    if ((row.used_at ?? 0) <= now - MINUTE_MS) sql.exec('UPDATE token SET used_at = ? WHERE id = ?', now, row.id)
    return { who: 'token', id: row.id, scopes: scopesOf(row) }
  }

  /** Newest first, those that have expired too: who wonders why a script fails looks here. */
  function list(): TokenInfo[] {
    return sql.exec<Row>('SELECT * FROM token ORDER BY created_at DESC, rowid DESC').toArray().map(infoOf)
  }

  /** A deep check spends the GPU: one in five minutes. ms until the next; 0: now, and it counts. */
  function takeDeepCheck(id: string, now: number): number {
    const [row] = sql.exec<{ deep_at: number | null }>('SELECT deep_at FROM token WHERE id = ?', id).toArray()
    const wait = (row?.deep_at ?? -Infinity) + DEEP_EVERY_MS - now
    if (wait > 0) return wait
    sql.exec('UPDATE token SET deep_at = ? WHERE id = ?', now, id)
    return 0
  }

  const remove = (id: string) => sql.exec('DELETE FROM token WHERE id = ?', id).rowsWritten > 0

  return { add, find, list, takeDeepCheck, remove }
}

const scopesOf = ({ scopes }: Row) => JSON.parse(scopes) as Scope[]
const iso = (ms: number) => new Date(ms).toISOString()

const infoOf = (row: Row): TokenInfo => ({
  id: row.id,
  name: row.name,
  scopes: scopesOf(row),
  createdAt: iso(row.created_at),
  expiresAt: iso(row.expires_at),
  lastUsedAt: row.used_at === null ? null : iso(row.used_at),
})
