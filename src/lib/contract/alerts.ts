import * as v from 'valibot'
import type { Cause } from '../diagnosis/index.ts'

/** The channels that alerts are sent through. */
export const CHANNELS = {
  push: 'Push to your devices',
  ntfy: 'ntfy',
  webhook: 'Webhook',
} as const

export type Channel = keyof typeof CHANNELS

/** `closed`: the incident is over. `left`: another home is monitored now, so no more alerts are sent about this one. */
export type AlertKind = 'opened' | 'changed' | 'flapping' | 'closed' | 'left' | 'test'

/** News about an incident. Its number is never reused, and `seq` grows with every change. Times are ms since 1970. */
export type Alert = {
  incident: number
  seq: number
  kind: AlertKind
  /** Why the home is down; with `closed` and `left`, why it was. */
  cause: Cause
  since: number
  at: number
}

export const isEnd = ({ kind }: Pick<Alert, 'kind'>): boolean =>
  kind === 'closed' || kind === 'left'

/** The result of one delivery. `device` is the receiver of a push. */
export interface Delivery {
  at: string
  channel: Channel
  device: string | null
  kind: AlertKind
  ok: boolean
  /** Why the delivery failed; empty if it arrived. */
  why: string
}

export interface AlertsView {
  /** Never includes a channel's address. `note`: what is wrong with its setting, or worth knowing about it. */
  channels: { channel: Channel; configured: boolean; on: boolean; note: string | null }[]
  devices: { id: number; device: string; addedAt: string }[]
  /** The service that is pinged after every check, and raises an alarm when the pings stop. */
  deadman: { configured: boolean; note: string | null }
  /** `until: null`: until the owner ends it. */
  mute: { until: string | null } | null
  maintenance: { from: string; to: string } | null
  /** Alerts that wait for the end of a mute, or for another attempt. */
  waiting: number
  /** Newest first. */
  log: Delivery[]
}

const time = v.pipe(
  v.string('must be a time'),
  v.check(
    (text) => /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text)),
    'must be a time (RFC 3339)',
  ),
)
const flag = v.optional(v.boolean('must be true or false'))

/** The body of `PUT /api/alerts`: fields that are left out stay as they are. */
export const AlertsChange = v.strictObject({
  mute: v.optional(v.nullable(v.strictObject({ until: v.nullable(time) }))),
  maintenance: v.optional(
    v.nullable(
      v.pipe(
        v.strictObject({ from: time, to: time }),
        v.check(({ from, to }) => Date.parse(from) < Date.parse(to), 'must end after it begins'),
      ),
    ),
  ),
  channels: v.optional(v.strictObject({ push: flag, ntfy: flag, webhook: flag })),
})

export type AlertsChange = v.InferOutput<typeof AlertsChange>

const BASE64URL = /^[\w-]+=*$/
const bytesIn = (text: string) => Math.floor((text.replace(/=+$/, '').length * 3) / 4)
const secret = (bytes: number) =>
  v.pipe(
    v.string('must be text'),
    v.check(
      (text) => BASE64URL.test(text) && bytesIn(text) === bytes,
      `must be ${bytes} bytes as base64url`,
    ),
  )

/** The fields of a browser's `PushSubscription`, and the name that the owner gives the device. */
export const Subscription = v.object({
  endpoint: v.pipe(
    v.string('must be text'),
    v.url('must be a URL'),
    v.maxLength(2000, 'is too long'),
  ),
  keys: v.object({ p256dh: secret(65), auth: secret(16) }),
  device: v.optional(
    v.pipe(v.string('must be text'), v.trim(), v.maxLength(80, 'is too long')),
    '',
  ),
})

export type Subscription = v.InferOutput<typeof Subscription>

/** The body of `DELETE /api/alerts/subscriptions`: the caller's own device by its endpoint, or any device by its id. */
export const Unsubscription = v.union([
  v.strictObject({ endpoint: v.string('must be text') }),
  v.strictObject({ id: v.pipe(v.number('must be a number'), v.integer('must be a whole number')) }),
])

export type Unsubscription = v.InferOutput<typeof Unsubscription>
