import { encryptNotification, vapidHeaders } from '@block65/webcrypto-web-push'
import { reachOf } from '../../../src/lib/diagnosis/index.ts'
import { isEnd, type Alert } from '../../../src/lib/contract/alerts.ts'
import type { VapidKeys } from '../config.ts'
import { sendTo, type SendResult } from '../destination.ts'
import type { Notification } from '../notification.ts'
import { base64url } from '../../encoding.ts'

// Not an interface, because rows of the database need an index signature.
export type PushTarget = {
  endpoint: string
  p256dh: string
  auth: string
}

/** The push services of Chrome, Firefox, Safari and Edge. Endpoints come from browsers, so no other host is trusted. */
const SERVICES = [
  'fcm.googleapis.com',
  '.push.services.mozilla.com',
  '.push.apple.com',
  '.notify.windows.com',
] as const

export function isPushService(endpoint: string, runtime: 'local' | 'deployed'): boolean {
  if (!URL.canParse(endpoint)) return false
  const { protocol, hostname, port, username } = new URL(endpoint)
  if (runtime === 'local' && reachOf(hostname) === 'loopback') return true
  const isKnown = SERVICES.some((service) =>
    service.startsWith('.') ? hostname.endsWith(service) : hostname === service,
  )
  return isKnown && protocol === 'https:' && port === '' && username === ''
}

/** How long a push service keeps a notification for a phone that is offline. */
const TTL_SECONDS = { failure: 4 * 3600, other: 1800 } as const

/** An update of a failure that the owner knows makes no sound. */
const isUpdate = ({ kind }: Alert) => kind === 'changed' || kind === 'flapping'

const isHarmless = (alert: Alert) => isEnd(alert) || alert.kind === 'test'

/** Declarative Web Push: Safari shows it directly; in other browsers the service worker reads the same JSON. */
const payloadOf = ({ title, body, thread, alert, url }: Notification) => ({
  web_push: 8030,
  notification: {
    title,
    body,
    tag: thread,
    navigate: url ?? '/alerts',
    silent: isUpdate(alert),
  },
  app_badge: isHarmless(alert) ? 0 : 1,
})

/** Encrypted for the one browser (RFC 8291) and signed (RFC 8292). `subject` is the contact for the push service. */
export async function sendToBrowser(
  target: PushTarget,
  keys: VapidKeys,
  subject: string,
  notification: Notification,
): Promise<SendResult> {
  const { isUrgent, thread, alert } = notification
  const subscription = { endpoint: target.endpoint, expirationTime: null, keys: target }
  const body = await encryptNotification(
    subscription,
    padded(JSON.stringify(payloadOf(notification))),
    {
      pad: false,
    },
  )
  // A push service on this machine uses plain http, but the signature names its https origin.
  const signed = { ...subscription, endpoint: target.endpoint.replace(/^http:/, 'https:') }
  const { headers } = await vapidHeaders(signed, { ...keys, subject })
  const result = await sendTo(target.endpoint, {
    method: 'POST',
    headers: {
      ...headers,
      'Content-Type': 'application/octet-stream',
      'Content-Encoding': 'aes128gcm',
      TTL: String(isHarmless(alert) ? TTL_SECONDS.other : TTL_SECONDS.failure),
      Urgency: isUrgent ? 'high' : 'normal',
      // Replaces an earlier notification of this incident that the push service still holds.
      Topic: thread,
    },
    body: new Uint8Array(body),
  })
  return result.ok || !result.isGone
    ? result
    : { ...result, why: 'The device has unsubscribed, and was removed' }
}

const PADDED_BYTES = 1024

/** Messages have one length, so that it reveals nothing. Some phones reject the longest one that the standard allows. */
function padded(json: string): Uint8Array {
  const text = new TextEncoder().encode(json)
  const bytes = new Uint8Array(Math.max(PADDED_BYTES, text.length)).fill(' '.charCodeAt(0))
  bytes.set(text)
  return bytes
}

/** The private key never leaves `Home`. */
export async function makeVapidKeys(): Promise<VapidKeys> {
  const pair = (await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])) as CryptoKeyPair
  const raw = (await crypto.subtle.exportKey('raw', pair.publicKey)) as ArrayBuffer
  const { d = '' } = (await crypto.subtle.exportKey('jwk', pair.privateKey)) as JsonWebKey
  return { publicKey: base64url(raw), privateKey: d }
}

/** Every delivery to an invalid point would fail. */
export async function areKeysUsable(p256dh: string): Promise<boolean> {
  const text = atob(p256dh.replaceAll('-', '+').replaceAll('_', '/'))
  const point = Uint8Array.from(text, (char) => char.charCodeAt(0))
  const imported = crypto.subtle.importKey(
    'raw',
    point,
    { name: 'ECDH', namedCurve: 'P-256' },
    false,
    [],
  )
  return imported.then(
    () => true,
    () => false,
  )
}
