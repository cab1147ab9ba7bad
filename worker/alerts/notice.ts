import { isEnd, type Alert } from '../../src/lib/contract/alerts.ts'
import { messageOf, type Message } from './message.ts'

/** An alert on its way out, the same for every channel. */
export interface Notice {
  /** The same however often it is sent: receivers know by it what they have already. */
  id: string
  /** The same for all that is told of one incident: a later notice takes the place of an earlier one. At most 32 of [-\w]. */
  thread: string
  alert: Alert
  message: Message
  /** Where a tap leads: our own page, as the owner last opened it. */
  open: string | null
}

/**
 * `instance` tells apart two Porchlights, or one that began anew and counts its incidents from 1 again. The text is as old as
 * its sending: it may have waited.
 */
export function noticeOf(
  alert: Alert,
  instance: string,
  origin: string | null,
  now: number,
): Notice {
  const thread = `${instance}-${alert.incident}`
  return {
    id: `${thread}-${alert.seq}`,
    thread,
    alert,
    message: messageOf(isEnd(alert) ? alert : { ...alert, at: now }),
    open: origin === null ? null : new URL('/alerts', origin).href,
  }
}
