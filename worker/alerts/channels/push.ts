import { encryptNotification, vapidHeaders } from '@block65/webcrypto-web-push'
import { reachOf } from '../../../src/lib/diagnosis/index.ts'
import { isEnd, type Alert } from '../../../src/lib/contract/alerts.ts'
import type { VapidKeys } from '../config.ts'
import type { Notice } from '../notice.ts'
import { sendOff, type Outcome } from '../outgoing.ts'
import { base64url } from '../../encoding.ts'

// A row of the database, so no interface: those have no index.
export type PushTarget = {
  endpoint: string
  p256dh: string
  auth: string
}

/** The push services of Chrome, Firefox, Safari and Edge. Nobody else is sent anything: an endpoint is a browser's word. */
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

/** How long a push service keeps it for a phone that is away, seconds: after that it is old news. */
const KEPT_S = { dark: 4 * 3600, over: 1800 } as const

/** A change of what is known already makes no sound. */
const isEdit = ({ kind }: Alert) => kind === 'changed' || kind === 'flapping'

const isNoTrouble = (alert: Alert) => isEnd(alert) || alert.kind === 'test'

/** Declarative Web Push: Safari shows it by itself, any other browser's worker reads the same JSON. */
const payloadOf = ({ message, thread, alert, open }: Notice) => ({
  web_push: 8030,
  notification: {
    title: message.title,
    body: message.body,
    tag: thread,
    navigate: open ?? '/alerts',
    silent: isEdit(alert),
  },
  app_badge: isNoTrouble(alert) ? 0 : 1,
})

/** Encrypted for the one browser (RFC 8291), signed by us (RFC 8292). `subject` is who a push service may turn to. */
export async function sendToBrowser(
  target: PushTarget,
  keys: VapidKeys,
  subject: string,
  notice: Notice,
): Promise<Outcome> {
  const { message, thread, alert } = notice
  const subscription = { endpoint: target.endpoint, expirationTime: null, keys: target }
  const body = await encryptNotification(subscription, padded(JSON.stringify(payloadOf(notice))), {
    pad: false,
  })
  // Only a push service on this machine is plain http; the signature is for its name over https all the same.
  const named = { ...subscription, endpoint: target.endpoint.replace(/^http:/, 'https:') }
  const { headers } = await vapidHeaders(named, { ...keys, subject })
  const outcome = await sendOff(target.endpoint, {
    method: 'POST',
    headers: {
      ...headers,
      'Content-Type': 'application/octet-stream',
      'Content-Encoding': 'aes128gcm',
      TTL: String(isNoTrouble(alert) ? KEPT_S.over : KEPT_S.dark),
      Urgency: message.isUrgent ? 'high' : 'normal',
      // A push service that still holds an earlier one of this incident throws that away.
      Topic: thread,
    },
    body: new Uint8Array(body),
  })
  return outcome.ok || !outcome.isGone
    ? outcome
    : { ...outcome, why: 'The device has unsubscribed, and was removed' }
}

const PADDED_BYTES = 1024

/** Every message is as long as any other, so that its length tells nothing. As long as is allowed would be too long for some phones. */
function padded(json: string): Uint8Array {
  const text = new TextEncoder().encode(json)
  const bytes = new Uint8Array(Math.max(PADDED_BYTES, text.length)).fill(' '.charCodeAt(0))
  bytes.set(text)
  return bytes
}

/** A new key pair. The private half never leaves Home but by this. */
export async function makeVapidKeys(): Promise<VapidKeys> {
  const pair = (await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])) as CryptoKeyPair
  const raw = (await crypto.subtle.exportKey('raw', pair.publicKey)) as ArrayBuffer
  const { d = '' } = (await crypto.subtle.exportKey('jwk', pair.privateKey)) as JsonWebKey
  return { publicKey: base64url(raw), privateKey: d }
}

/** Whether these keys can be encrypted for at all: a point that is none would fail at every sending. */
export async function areKeysUsable(p256dh: string): Promise<boolean> {
  const text = atob(p256dh.replaceAll('-', '+').replaceAll('_', '/'))
  const point = Uint8Array.from(text, (sign) => sign.charCodeAt(0))
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
