import { sendTo, type SendResult } from '../destination.ts'
import type { Notification } from '../notification.ts'
import { iso } from '../../time.ts'
import { base64 } from '../../encoding.ts'
const encoder = new TextEncoder()

/** The alert as a CloudEvent. A repeated delivery has the same `id`, so that the receiver can ignore it. */
const eventOf = ({ id, thread, alert, title, body, url }: Notification) => ({
  specversion: '1.0',
  id,
  source: 'porchlight',
  type: `porchlight.incident.${alert.kind}`,
  time: iso(alert.at),
  data: {
    incident: thread,
    seq: alert.seq,
    kind: alert.kind,
    cause: alert.cause,
    since: iso(alert.since),
    at: iso(alert.at),
    title,
    text: body,
    open: url,
  },
})

/** Signed according to Standard Webhooks, for which most languages have a library. */
export async function sendToWebhook(
  url: URL,
  secret: string | null,
  notification: Notification,
  now: number,
): Promise<SendResult> {
  const body = JSON.stringify(eventOf(notification))
  const timestamp = String(Math.floor(now / 1000))
  const signature =
    secret === null ? null : await sign(secret, `${notification.id}.${timestamp}.${body}`)
  return sendTo(url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'User-Agent': 'porchlight',
      'webhook-id': notification.id,
      'webhook-timestamp': timestamp,
      ...(signature === null ? {} : { 'webhook-signature': `v1,${signature}` }),
    },
    body,
  })
}

/** HMAC-SHA256 as base64. */
async function sign(secret: string, text: string): Promise<string> {
  const key = await crypto.subtle.importKey(
    'raw',
    keyOf(secret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  const signature = await crypto.subtle.sign('HMAC', key, encoder.encode(text))
  return base64(signature)
}

/** A secret that begins with `whsec_` is base64; any other is used as text. */
function keyOf(secret: string): Uint8Array {
  const base64 = /^whsec_([A-Za-z\d+/]+=*)$/.exec(secret)?.[1]
  return base64 === undefined
    ? encoder.encode(secret)
    : Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
}
