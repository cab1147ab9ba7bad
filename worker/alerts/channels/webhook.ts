import type { Notice } from '../notice.ts'
import { sendOff, type Outcome } from '../outgoing.ts'
import { iso } from '../../time.ts'
import { base64 } from '../../encoding.ts'
const encoder = new TextEncoder()

/** The alert as a CloudEvent: `id` is the same at every repetition, so that a receiver can tell. */
export const eventOf = ({ id, thread, alert, message, open }: Notice) => ({
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
    title: message.title,
    text: message.body,
    open,
  },
})

/** Signed as Standard Webhooks have it, so that there is a library to check it in any language. */
export async function sendToWebhook(
  url: URL,
  secret: string | null,
  notice: Notice,
  now: number,
): Promise<Outcome> {
  const body = JSON.stringify(eventOf(notice))
  const timestamp = String(Math.floor(now / 1000))
  const signature = secret === null ? null : await sign(secret, `${notice.id}.${timestamp}.${body}`)
  return sendOff(url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'User-Agent': 'porchlight',
      'webhook-id': notice.id,
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

/** `whsec_` stands before base64; any other secret is the text itself. */
function keyOf(secret: string): Uint8Array {
  const packed = /^whsec_([A-Za-z\d+/]+=*)$/.exec(secret)?.[1]
  return packed === undefined
    ? encoder.encode(secret)
    : Uint8Array.from(atob(packed), (sign) => sign.charCodeAt(0))
}
