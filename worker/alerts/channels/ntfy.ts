import { isEnd } from '../../../src/lib/contract/alerts.ts'
import type { Notice } from '../notice.ts'
import { sendOff, type Outcome } from '../outgoing.ts'

const PRIORITY = { urgent: 4, usual: 3, quiet: 2 } as const

/**
 * Publishes to the topic that `url` ends with. `sequence_id` lets ntfy (2.16 or newer) change the notification in place; an
 * older one shows each change as a new one.
 */
export function sendToNtfy(
  url: URL,
  token: string | null,
  { thread, message, alert, open }: Notice,
): Promise<Outcome> {
  const cut = url.pathname.lastIndexOf('/') + 1
  // As JSON to the root of the server: header values would have to be ASCII.
  const root = new URL(url.pathname.slice(0, cut), url)
  const body = {
    topic: url.pathname.slice(cut),
    title: message.title,
    message: message.body,
    priority: message.isUrgent ? PRIORITY.urgent : isEnd(alert) ? PRIORITY.quiet : PRIORITY.usual,
    sequence_id: thread,
    ...(open === null ? {} : { click: open }),
  }
  return sendOff(root, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  })
}
