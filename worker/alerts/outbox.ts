import type { Alert } from '../../src/lib/contract/alerts.ts'

/** After so long it is tried again, ms, for every try that there is; after the last one it is given up. */
export const TRIES_MS = [1, 2, 5, 15, 60, 60].map((minutes) => minutes * 60_000)

/** What is over and told is remembered for so long, ms: an incident that comes back is then changed in place. */
const REMEMBERED_MS = 24 * 3_600_000

/** The newest of an incident, for one receiver of it. */
export type Letter = Alert & {
  target: string
  tries: number
  /** A sending was begun, so the receiver may know of the incident, whether or not it said so. */
  begun: number
}

const LETTER = 'incident, target, seq, kind, cause, since, at, tries, begun'

/** What is to be told, one row per incident and receiver: later news of an incident takes the place of earlier. */
export function outboxOf(sql: SqlStorage) {
  /** The same alert twice is one; an older one than is there already is none. */
  function put({ incident, seq, kind, cause, since, at }: Alert, target: string) {
    sql.exec(
      `INSERT INTO outbox (incident, target, seq, kind, cause, since, at, due) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (incident, target) DO UPDATE SET seq = excluded.seq, kind = excluded.kind, cause = excluded.cause,
         since = excluded.since, at = excluded.at, due = excluded.due, tries = 0
       WHERE excluded.seq > outbox.seq`,
      ...[incident, target, seq, kind, cause, since, at, at],
    )
  }

  /** Oldest first, so that nobody waits for ever. */
  const due = (now: number): Letter[] =>
    sql
      .exec<Letter>(`SELECT ${LETTER} FROM outbox WHERE due <= ? ORDER BY due, incident`, now)
      .toArray()

  /** Puts the next try into the book before this one begins: who ends in between has lost nothing. Says whether it is the last. */
  function begin({ incident, target, tries }: Letter, now: number): { isLast: boolean } {
    const isLast = tries + 1 >= TRIES_MS.length
    const next = isLast ? null : now + (TRIES_MS[tries] ?? 0)
    sql.exec(
      'UPDATE outbox SET begun = 1, tries = tries + 1, due = ? WHERE incident = ? AND target = ?',
      ...[next, incident, target],
    )
    return { isLast }
  }

  /** Not if something newer has taken its place in the meantime. */
  function settle({ incident, target, seq }: Letter) {
    sql.exec(
      'UPDATE outbox SET due = NULL WHERE incident = ? AND target = ? AND seq = ?',
      incident,
      target,
      seq,
    )
  }

  /** For a receiver that is not there any more. */
  function forgetTarget(target: string) {
    sql.exec('DELETE FROM outbox WHERE target = ?', target)
  }

  function forgetOld(now: number) {
    sql.exec(
      `DELETE FROM outbox WHERE kind IN ('closed', 'left') AND due IS NULL AND at < ?`,
      now - REMEMBERED_MS,
    )
  }

  const waiting = () =>
    sql.exec<{ n: number }>('SELECT COUNT(*) AS n FROM outbox WHERE due IS NOT NULL').one().n

  return { put, due, begin, settle, forgetTarget, forgetOld, waiting }
}
