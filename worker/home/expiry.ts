import { IDLE_MS, LIFETIME_MS } from '../auth/sessions.ts'
import { DAY_MS, HOUR_MS } from '../time.ts'

/** Rows are deleted this long after the time in the column. */
const RETENTION_MS = [
  ['ticket', 'expires_at', 0],
  // The owner still sees an expired share for a while, and can extend it.
  ['share', 'expires_at', 30 * DAY_MS],
  ['session', 'seen_at', IDLE_MS],
  ['session', 'created_at', LIFETIME_MS],
  // A used code must stay known, because a restart adds the same code again.
  ['sign_in_code', 'expires_at', DAY_MS],
  // An expired token in the list explains why a script fails.
  ['token', 'expires_at', 30 * DAY_MS],
  ['wrong_try', 'last_at', DAY_MS],
] as const

/** Deletes expired rows. Without any, nothing is written. */
export class Expiry {
  readonly #sql: SqlStorage
  #purgedAt = 0

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** At most once an hour, however often it is called. */
  purge(now: number) {
    if (now - this.#purgedAt < HOUR_MS) return
    this.#purgedAt = now
    for (const [table, column, retentionMs] of RETENTION_MS)
      this.#sql.exec(`DELETE FROM ${table} WHERE ${column} <= ?`, now - retentionMs)
    this.#sql.exec('DELETE FROM guest_run WHERE share_id NOT IN (SELECT id FROM share)')
  }
}
