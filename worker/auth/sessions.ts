import type { SessionInfo } from '../../src/lib/contract/access.ts'
import { DAY_MS, iso, MINUTE_MS } from '../time.ts'

export const IDLE_MS = 7 * DAY_MS
export const LONGEST_MS = 30 * DAY_MS
/** More devices than this are a mistake; the one that was seen longest ago goes. */
const MOST = 50

type Row = {
  id: string
  device: string
  created_at: number
  seen_at: number
  key_at: number | null
}

export interface NewSession {
  id: string
  /** Of the cookie's value. */
  hash: string
  /** Coarse words for the browser and its system. */
  device: string
  /** The owner key was shown, not a code. */
  isByKey: boolean
}

const ALIVE = 'fingerprint = ? AND seen_at > ? AND created_at > ?'

/** Who is signed in. `fingerprint` stands for the owner key: with another key all of them are over. Times in ms. */
export function sessionsOf(sql: SqlStorage, fingerprint: string) {
  const alive = (now: number) => [fingerprint, now - IDLE_MS, now - LONGEST_MS] as const

  function add({ id, hash, device, isByKey }: NewSession, now: number) {
    sql.exec(
      'DELETE FROM session WHERE id NOT IN (SELECT id FROM session ORDER BY seen_at DESC, created_at DESC LIMIT ?)',
      MOST - 1,
    )
    sql.exec(
      'INSERT INTO session (id, hash, fingerprint, device, created_at, seen_at, key_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[id, hash, fingerprint, device, now, now, isByKey ? now : null],
    )
  }

  /** Written down as seen, at most once a minute. */
  function find(hash: string, now: number): { id: string; keyAt: number | null } | null {
    const [row] = sql
      .exec<Row>(`SELECT * FROM session WHERE hash = ? AND ${ALIVE}`, hash, ...alive(now))
      .toArray()
    if (!row) return null
    if (row.seen_at <= now - MINUTE_MS)
      sql.exec('UPDATE session SET seen_at = ? WHERE id = ?', now, row.id)
    return { id: row.id, keyAt: row.key_at }
  }

  /** The session goes on under another cookie: whoever had the old one, and may have put it there, is out. */
  function renew(id: string, { hash, isByKey }: NewSession, now: number) {
    sql.exec(
      'UPDATE session SET hash = ?, seen_at = ?, key_at = coalesce(?, key_at) WHERE id = ?',
      ...[hash, now, isByKey ? now : null, id],
    )
  }

  /** The one that was seen last stands first. */
  function list(now: number): Omit<SessionInfo, 'current'>[] {
    return sql
      .exec<Row>(
        `SELECT * FROM session WHERE ${ALIVE} ORDER BY seen_at DESC, created_at DESC`,
        ...alive(now),
      )
      .toArray()
      .map(({ id, device, created_at, seen_at }) => ({
        ...{ id, device },
        createdAt: iso(created_at),
        lastSeenAt: iso(seen_at),
        expiresAt: iso(Math.min(seen_at + IDLE_MS, created_at + LONGEST_MS)),
      }))
  }

  const remove = (id: string) => sql.exec('DELETE FROM session WHERE id = ?', id).rowsWritten > 0
  const removeAll = () => void sql.exec('DELETE FROM session')

  return { add, find, renew, list, remove, removeAll }
}

export type Sessions = ReturnType<typeof sessionsOf>
