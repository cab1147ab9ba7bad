import type { Scope, TokenInfo } from '../../src/lib/contract/access.ts'
import type { TokenHolder } from './tickets.ts'

const MINUTE_MS = 60_000
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

export interface NewToken {
  id: string
  /** Of the whole token. */
  hash: string
  name: string
  scopes: readonly Scope[]
  /** ms since 1970. */
  expiresAt: number
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

  const remove = (id: string) => sql.exec('DELETE FROM token WHERE id = ?', id).rowsWritten > 0

  return { add, find, list, remove }
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
