import type { Show } from '../../src/lib/contract/shares.ts'
import type { Guest } from './caller.ts'

const LIFETIME_MS = 30 * 60_000

/** What an opened link gives its guest: access to this one share, for half an hour. */
export class GuestSessions {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  add(hash: string, share: string, now: number) {
    this.#sql.exec(
      'INSERT INTO ticket (hash, share_id, expires_at) VALUES (?, ?, ?)',
      hash,
      share,
      now + LIFETIME_MS,
    )
  }

  /** `null` once the session or its share has expired, or the share was revoked. */
  find(hash: string, now: number): Guest | null {
    const [row] = this.#sql
      .exec<{ share_id: string; show: string }>(
        `SELECT share_id, show FROM ticket JOIN share ON share.id = share_id
         WHERE ticket.hash = ? AND ticket.expires_at > ? AND share.expires_at > ? AND revoked_at IS NULL`,
        hash,
        now,
        now,
      )
      .toArray()
    return row
      ? { who: 'guest', share: row.share_id, session: hash, show: JSON.parse(row.show) as Show }
      : null
  }
}
