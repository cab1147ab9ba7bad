import { IDLE_MS, LONGEST_MS } from '../auth/sessions.ts'
import { DAY_MS, HOUR_MS } from '../time.ts'

const EVERY_MS = HOUR_MS

/** What goes, by its table: so long after the time in this column (ms). */
const OVER = [
  ['ticket', 'expires_at', 0],
  // Its owner sees for a while what became of it, and may open it again.
  ['share', 'expires_at', 30 * DAY_MS],
  ['session', 'seen_at', IDLE_MS],
  ['session', 'created_at', LONGEST_MS],
  // One that is known to have been used stays unusable, also when a restart offers it again.
  ['sign_in_code', 'expires_at', DAY_MS],
  // Who wonders why a script fails looks for its token.
  ['token', 'expires_at', 30 * DAY_MS],
  ['wrong_try', 'last_at', DAY_MS],
] as const

/** Takes away what opens nothing any more. What is not there costs nothing: only rows that go are written. */
export class Expiry {
  readonly #sql: SqlStorage
  #sweptAt = 0

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Once an hour, however often it is called. ms since 1970. */
  go(now: number) {
    if (now - this.#sweptAt < EVERY_MS) return
    this.#sweptAt = now
    for (const [table, column, keptMs] of OVER)
      this.#sql.exec(`DELETE FROM ${table} WHERE ${column} <= ?`, now - keptMs)
    this.#sql.exec('DELETE FROM guest_run WHERE share_id NOT IN (SELECT id FROM share)')
  }
}
