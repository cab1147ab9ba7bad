import type { SessionInfo } from '../../src/lib/contract/access.ts'
import { DAY_MS, iso, MINUTE_MS } from '../time.ts'

export const IDLE_MS = 7 * DAY_MS
export const LIFETIME_MS = 30 * DAY_MS
/** More devices than this are a mistake; the least recently used session is deleted. */
const MAX_SESSIONS = 50

type Row = {
  id: string
  device: string
  created_at: number
  seen_at: number
  key_at: number | null
}

export interface NewSession {
  id: string
  /** The hash of the cookie’s value. */
  hash: string
  /** The browser and the operating system, in a few words. */
  device: string
  /** Signed in with the owner key, not with a code. */
  isByKey: boolean
}

const IS_ALIVE = 'fingerprint = ? AND seen_at > ? AND created_at > ?'

/** The devices that are signed in. `fingerprint` identifies the owner key: a new key ends all earlier sessions. */
export class Sessions {
  readonly #sql: SqlStorage
  readonly #fingerprint: string

  constructor(sql: SqlStorage, fingerprint: string) {
    this.#sql = sql
    this.#fingerprint = fingerprint
  }

  add({ id, hash, device, isByKey }: NewSession, now: number) {
    this.#sql.exec(
      'DELETE FROM session WHERE id NOT IN (SELECT id FROM session ORDER BY seen_at DESC, created_at DESC LIMIT ?)',
      MAX_SESSIONS - 1,
    )
    this.#sql.exec(
      'INSERT INTO session (id, hash, fingerprint, device, created_at, seen_at, key_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[id, hash, this.#fingerprint, device, now, now, isByKey ? now : null],
    )
  }

  /** Updates the time of last use, at most once a minute. */
  find(hash: string, now: number): { id: string; keyAt: number | null } | null {
    const [row] = this.#sql
      .exec<Row>(`SELECT * FROM session WHERE hash = ? AND ${IS_ALIVE}`, hash, ...this.#alive(now))
      .toArray()
    if (!row) return null
    if (row.seen_at <= now - MINUTE_MS)
      this.#sql.exec('UPDATE session SET seen_at = ? WHERE id = ?', now, row.id)
    return { id: row.id, keyAt: row.key_at }
  }

  /** The session continues with a new cookie, so a planted or stolen old one stops working (session fixation). */
  renew(id: string, { hash, isByKey }: NewSession, now: number) {
    this.#sql.exec(
      'UPDATE session SET hash = ?, seen_at = ?, key_at = coalesce(?, key_at) WHERE id = ?',
      ...[hash, now, isByKey ? now : null, id],
    )
  }

  /** The most recently used session is first. */
  list(now: number): Omit<SessionInfo, 'current'>[] {
    return this.#sql
      .exec<Row>(
        `SELECT * FROM session WHERE ${IS_ALIVE} ORDER BY seen_at DESC, created_at DESC`,
        ...this.#alive(now),
      )
      .toArray()
      .map(({ id, device, created_at, seen_at }) => ({
        id,
        device,
        createdAt: iso(created_at),
        lastSeenAt: iso(seen_at),
        expiresAt: iso(Math.min(seen_at + IDLE_MS, created_at + LIFETIME_MS)),
      }))
  }

  remove(id: string): boolean {
    return this.#sql.exec('DELETE FROM session WHERE id = ?', id).rowsWritten > 0
  }

  removeAll() {
    this.#sql.exec('DELETE FROM session')
  }

  #alive(now: number) {
    return [this.#fingerprint, now - IDLE_MS, now - LIFETIME_MS]
  }
}
