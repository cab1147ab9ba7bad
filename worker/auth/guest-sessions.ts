import type { Show } from '../../src/lib/contract/shares.ts'
import type { Guest } from './caller.ts'

const TICKET_MS = 30 * 60_000

/** Until when a ticket that is given out now is good. ms since 1970. */
export const timesOut = (now: number) => now + TICKET_MS

/** Whom a ticket admits: nobody once it, or its share, is over. */
export function guestOf(sql: SqlStorage, hash: string, now: number): Guest | null {
  const [row] = sql
    .exec<{ share_id: string; show: string }>(
      `SELECT share_id, show FROM ticket JOIN share ON share.id = share_id
       WHERE ticket.hash = ? AND ticket.expires_at > ? AND share.expires_at > ? AND revoked_at IS NULL`,
      ...[hash, now, now],
    )
    .toArray()
  return row
    ? { who: 'guest', share: row.share_id, ticket: hash, show: JSON.parse(row.show) as Show }
    : null
}
