import type { Alert } from '../../src/lib/contract/alerts.ts'
import { DAY_MS, MINUTE_MS } from '../time.ts'

/** One entry per attempt: the delay until the next one. After the last attempt the row is given up. */
export const RETRY_DELAYS_MS = [1, 2, 5, 15, 60, 60].map((minutes) => minutes * MINUTE_MS)

/** Rows of ended incidents are kept this long, so that a recurrence updates the same notification. */
const RETENTION_MS = DAY_MS

/** The latest alert about one incident for one receiver. */
export type OutboxRow = Alert & {
  target: string
  tries: number
  /** 1 after a first attempt: the receiver may know of the incident even if it never confirmed. */
  begun: number
}

const COLUMNS = 'incident, target, seq, kind, cause, since, at, tries, begun'

/** Alerts to deliver, one row per incident and receiver. A newer alert about an incident replaces the older one. */
export class Outbox {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Ignores an alert that is not newer than the stored one. */
  put({ incident, seq, kind, cause, since, at }: Alert, target: string) {
    this.#sql.exec(
      `INSERT INTO outbox (incident, target, seq, kind, cause, since, at, due) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (incident, target) DO UPDATE SET seq = excluded.seq, kind = excluded.kind, cause = excluded.cause,
         since = excluded.since, at = excluded.at, due = excluded.due, tries = 0
       WHERE excluded.seq > outbox.seq`,
      ...[incident, target, seq, kind, cause, since, at, at],
    )
  }

  /** Oldest first, so that no row waits indefinitely. */
  due(now: number): OutboxRow[] {
    return this.#sql
      .exec<OutboxRow>(`SELECT ${COLUMNS} FROM outbox WHERE due <= ? ORDER BY due, incident`, now)
      .toArray()
  }

  /** Schedules the next attempt before this one starts, so that a crash in between loses nothing. */
  startAttempt({ incident, target, tries }: OutboxRow, now: number): { isLast: boolean } {
    const isLast = tries + 1 >= RETRY_DELAYS_MS.length
    const next = isLast ? null : now + (RETRY_DELAYS_MS[tries] ?? 0)
    this.#sql.exec(
      'UPDATE outbox SET begun = 1, tries = tries + 1, due = ? WHERE incident = ? AND target = ?',
      ...[next, incident, target],
    )
    return { isLast }
  }

  /** Cancels further attempts, unless a newer alert has replaced this one. */
  finish({ incident, target, seq }: OutboxRow) {
    this.#sql.exec(
      'UPDATE outbox SET due = NULL WHERE incident = ? AND target = ? AND seq = ?',
      ...[incident, target, seq],
    )
  }

  removeTarget(target: string) {
    this.#sql.exec('DELETE FROM outbox WHERE target = ?', target)
  }

  purge(now: number) {
    this.#sql.exec(
      `DELETE FROM outbox WHERE kind IN ('closed', 'left') AND due IS NULL AND at < ?`,
      now - RETENTION_MS,
    )
  }

  countWaiting(): number {
    return this.#sql
      .exec<{ n: number }>('SELECT COUNT(*) AS n FROM outbox WHERE due IS NOT NULL')
      .one().n
  }
}
