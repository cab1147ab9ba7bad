import * as v from 'valibot'
import type { Cause } from '../diagnosis/index.ts'

/** The ways in which an alert leaves the house. */
export const CHANNELS = {
  push: 'Push to your devices',
  ntfy: 'ntfy',
  webhook: 'Webhook',
} as const

export type Channel = keyof typeof CHANNELS

/** `closed`: it is over. `left`: another home is watched now, so nothing more is told of this one. */
export type AlertKind = 'opened' | 'changed' | 'flapping' | 'closed' | 'left' | 'test'

/** What is to be told of an incident, whose number no other has ever had. `seq` grows with every change. Times are ms since 1970. */
export type Alert = {
  incident: number
  seq: number
  kind: AlertKind
  /** Why it is dark; with `closed` and `left`, why it was. */
  cause: Cause
  since: number
  at: number
}

export const isEnd = ({ kind }: Pick<Alert, 'kind'>): boolean =>
  kind === 'closed' || kind === 'left'

/** How a sending ended. `device` tells apart whom a push went to. */
export interface Delivery {
  at: string
  channel: Channel
  device: string | null
  kind: AlertKind
  ok: boolean
  /** Why it did not arrive; empty when it did. */
  why: string
}

export interface AlertsView {
  /** Never with its address. `note`: what is wrong with its setting, or worth knowing of it. */
  channels: { channel: Channel; configured: boolean; on: boolean; note: string | null }[]
  devices: { id: number; device: string; addedAt: string }[]
  /** Somebody outside is told after every check that we live. */
  deadman: { configured: boolean; note: string | null }
  /** `until: null`: until it is taken back. */
  mute: { until: string | null } | null
  maintenance: { from: string; to: string } | null
  /** Alerts that wait: for the end of a silence, or to be tried again. */
  waiting: number
  /** The newest first. */
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

/** The body of `PUT /api/alerts`: what is not named stays as it is. */
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
    v.string('must be a text'),
    v.check(
      (text) => BASE64URL.test(text) && bytesIn(text) === bytes,
      `must be ${bytes} bytes as base64url`,
    ),
  )

/** What a browser's `PushSubscription` says of itself, and what its owner calls the device. */
export const Subscription = v.object({
  endpoint: v.pipe(
    v.string('must be a text'),
    v.url('must be an address'),
    v.maxLength(2000, 'is too long'),
  ),
  keys: v.object({ p256dh: secret(65), auth: secret(16) }),
  device: v.optional(
    v.pipe(v.string('must be a text'), v.trim(), v.maxLength(80, 'is too long')),
    '',
  ),
})

export type Subscription = v.InferOutput<typeof Subscription>

/** The body of `DELETE /api/alerts/subscriptions`: this device by its endpoint, or any by its id. */
export const Unsubscription = v.union([
  v.strictObject({ endpoint: v.string('must be a text') }),
  v.strictObject({ id: v.pipe(v.number('must be a number'), v.integer('must be a whole number')) }),
])

export type Unsubscription = v.InferOutput<typeof Unsubscription>
