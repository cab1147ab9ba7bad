import { isEnd } from '../../../src/lib/contract/alerts.ts'
import { sendTo, type SendResult } from '../destination.ts'
import type { Notification } from '../notification.ts'

const PRIORITY = { urgent: 4, default: 3, low: 2 } as const

/**
 * Publishes to the topic at the end of `url`. `sequence_id` lets ntfy (2.16 or newer) change the notification in place; an
 * older one shows each change as a separate notification.
 */
export function sendToNtfy(
  url: URL,
  token: string | null,
  { thread, alert, title, body, isUrgent, url: click }: Notification,
): Promise<SendResult> {
  const cut = url.pathname.lastIndexOf('/') + 1
  // JSON to the root of the server, because header values would have to be ASCII.
  const root = new URL(url.pathname.slice(0, cut), url)
  const message = {
    topic: url.pathname.slice(cut),
    title,
    message: body,
    priority: isUrgent ? PRIORITY.urgent : isEnd(alert) ? PRIORITY.low : PRIORITY.default,
    sequence_id: thread,
    ...(click === null ? {} : { click }),
  }
  return sendTo(root, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(message),
  })
}
