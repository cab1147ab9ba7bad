import {
  CHANNELS,
  isEnd,
  type Alert,
  type AlertsChange,
  type AlertsView,
  type Channel,
  type Delivery,
  type Subscription,
  type Unsubscription,
} from '../../src/lib/contract/alerts.ts'
import { makeVapidKeys, sendToBrowser } from './channels/push.ts'
import { sendToNtfy } from './channels/ntfy.ts'
import { sendToWebhook } from './channels/webhook.ts'
import type { AlertsConfig, VapidKeys } from './config.ts'
import { noticeOf, type Notice } from './notice.ts'
import { sendOff, type Outcome } from './outgoing.ts'
import { AlertSettings } from './settings.ts'
import { Deliveries } from './deliveries.ts'
import { Devices, type Device } from './devices.ts'
import { Outbox, type OutboxRow } from './outbox.ts'

/** So many go out at one tick: what a tick may ask of others is limited, and the next one is a minute away. */
const MOST_AT_ONCE = 12
/** Push services want to know whom to turn to; an address that nobody reads is better than none. */
const NOBODY = 'mailto:nobody@porchlight.invalid'

/** Somebody who is told. */
interface Target {
  channel: Channel
  device: Device | null
  send: (notice: Notice, now: number) => Promise<Outcome>
}

/**
 * Tells the owner when it goes dark. `tell` belongs into the transaction that changes an incident, `send` behind it. Every
 * receiver has a row of its own, so that one which is dead holds up no other.
 */
export class Alerts {
  readonly #config: AlertsConfig
  readonly #outbox: Outbox
  readonly #settings: AlertSettings
  readonly #devices: Devices
  readonly #deliveries: Deliveries

  constructor(sql: SqlStorage, config: AlertsConfig) {
    this.#config = config
    this.#outbox = new Outbox(sql)
    this.#settings = new AlertSettings(sql)
    this.#devices = new Devices(sql)
    this.#deliveries = new Deliveries(sql)
  }

  /** Writes only. Told twice is told once: `seq` grows with every change of an incident. */
  tell(alert: Alert) {
    for (const target of this.#targets().keys()) this.#outbox.put(alert, target)
  }

  /** Sends what is due. Never throws for a receiver's sake, and is back within the patience of one sending. */
  async send(now: number): Promise<void> {
    this.#outbox.purge(now)
    const letters = this.#outbox.due(now)
    if (letters.length === 0) return
    const targets = this.#targets()
    const isQuiet = this.#settings.isMuted(now)
    const ready = letters.flatMap((letter) => {
      const target = targets.get(letter.target)
      if (!target) this.#outbox.removeTarget(letter.target)
      // Who has heard of no trouble need not hear of its end.
      else if (isEnd(letter) && !letter.begun) this.#outbox.finish(letter)
      // Whoever was told that it is dark is told that it is over, whatever was silenced since.
      else if (isEnd(letter) || !(isQuiet || this.#settings.isOff(target.channel)))
        return [{ letter, target }]
      return []
    })
    await Promise.all(
      ready.slice(0, MOST_AT_ONCE).map(({ letter, target }) => this.#deliver(letter, target, now)),
    )
  }

  /** Tells somebody outside that we live. Silence is then their alert. */
  async pulse(): Promise<void> {
    const { deadman } = this.#config
    if (deadman && 'url' in deadman) await sendOff(deadman.url)
  }

  /** One alert that is none, to everybody who would be told. Tried once. */
  async test(now: number): Promise<Delivery[]> {
    const alert: Alert = { incident: 0, seq: now, kind: 'test', cause: 'ok', since: now, at: now }
    const targets = [...this.#targets().values()].filter(
      ({ channel }) => !this.#settings.isOff(channel),
    )
    const sent = targets.map(async (target) => {
      const outcome = await attempt(() => target.send(this.#notice(alert, now), now))
      return this.#note(target, alert, outcome, now)
    })
    return Promise.all(sent)
  }

  view(now: number): AlertsView {
    const { ntfy, webhook, webhookSecret, deadman, vapid } = this.#config
    const devices = this.#devices.view()
    const unsigned =
      webhook && !webhookSecret ? 'Not signed, because WEBHOOK_SECRET is not set.' : null
    const notes = {
      push: faultOf(vapid),
      ntfy: faultOf(ntfy),
      webhook: faultOf(webhook) ?? unsigned,
    }
    const isConfigured = {
      push: devices.length > 0 && !faultOf(vapid),
      ntfy: ntfy !== null && 'url' in ntfy,
      webhook: webhook !== null && 'url' in webhook,
    }
    return {
      channels: (Object.keys(CHANNELS) as Channel[]).map((channel) => ({
        channel,
        configured: isConfigured[channel],
        on: !this.#settings.isOff(channel),
        note: notes[channel],
      })),
      devices,
      deadman: { configured: deadman !== null && 'url' in deadman, note: faultOf(deadman) },
      ...this.#settings.view(now),
      waiting: this.#outbox.countWaiting(),
      log: this.#deliveries.list(),
    }
  }

  isMaintenance(at: number): boolean {
    return this.#settings.isInMaintenance(at)
  }

  /** What is planned and not over. */
  maintenance(now: number): AlertsView['maintenance'] {
    return this.#settings.view(now).maintenance
  }

  change(change: AlertsChange) {
    this.#settings.change(change)
  }

  /** Where the owner opens us, as scheme and host. */
  remember(origin: string) {
    this.#settings.rememberOrigin(origin)
  }

  /** The key that a browser asks its push service to know us by. `null`: the ones that were set are not usable. */
  async publicKey(): Promise<string | null> {
    const { vapid } = this.#config
    if (vapid) return 'fault' in vapid ? null : vapid.publicKey
    return (await this.#ownKeys()).publicKey
  }

  /** `false`: there are too many already. */
  subscribe(subscription: Subscription, now: number): boolean {
    return this.#devices.add(subscription, now)
  }

  unsubscribe(which: Unsubscription): boolean {
    const device = this.#devices
      .list()
      .find((one) => ('id' in which ? one.id === which.id : one.endpoint === which.endpoint))
    if (device) this.#remove(device)
    return device !== undefined
  }

  async #deliver(letter: OutboxRow, target: Target, now: number) {
    const { isLast } = this.#outbox.startAttempt(letter, now)
    // Who was not told that it is dark, because of a silence, is told of no change.
    const kind = isEnd(letter) || letter.begun ? letter.kind : 'opened'
    const outcome = await attempt(() => target.send(this.#notice({ ...letter, kind }, now), now))
    if (outcome.ok) this.#outbox.finish(letter)
    const isOver = isLast && !outcome.ok
    this.#note(
      target,
      letter,
      isOver ? { ...outcome, why: `${outcome.why}. Given up` } : outcome,
      now,
    )
  }

  #note({ channel, device }: Target, { kind }: Alert, outcome: Outcome, at: number): Delivery {
    if (!outcome.ok && outcome.isGone && device) this.#remove(device)
    return this.#deliveries.add({
      at,
      channel,
      device: device?.device ?? null,
      kind,
      why: outcome.ok ? '' : outcome.why,
    })
  }

  #notice({ incident, seq, kind, cause, since, at }: Alert, now: number): Notice {
    const { instance, origin } = this.#settings.identity()
    return noticeOf({ incident, seq, kind, cause, since, at }, instance, origin, now)
  }

  #remove({ id }: Device) {
    this.#devices.remove(id)
    this.#outbox.removeTarget(`push:${id}`)
  }

  #targets(): Map<string, Target> {
    const { ntfy, ntfyToken, webhook, webhookSecret } = this.#config
    const targets = new Map<string, Target>()
    if (ntfy && 'url' in ntfy)
      targets.set('ntfy', {
        channel: 'ntfy',
        device: null,
        send: (notice) => sendToNtfy(ntfy.url, ntfyToken, notice),
      })
    if (webhook && 'url' in webhook) {
      const send: Target['send'] = (notice, now) =>
        sendToWebhook(webhook.url, webhookSecret, notice, now)
      targets.set('webhook', { channel: 'webhook', device: null, send })
    }
    for (const device of this.#devices.list())
      targets.set(`push:${device.id}`, {
        channel: 'push',
        device,
        send: (notice) => this.#push(device, notice),
      })
    return targets
  }

  async #push(device: Device, notice: Notice): Promise<Outcome> {
    const { vapid, vapidSubject } = this.#config
    if (vapid && 'fault' in vapid) return { ok: false, why: vapid.fault }
    const { origin } = this.#settings.identity()
    const subject = vapidSubject ?? (origin?.startsWith('https:') ? origin : NOBODY)
    return sendToBrowser(device, vapid ?? (await this.#ownKeys()), subject, notice)
  }

  /** Made at the first need and kept: all that they can do is to reach the devices that stand beside them. */
  async #ownKeys(): Promise<VapidKeys> {
    const made = this.#settings.vapidKeys() ?? (await makeVapidKeys())
    // Who was faster has won: a browser may know their key already.
    const kept = this.#settings.vapidKeys() ?? made
    this.#settings.saveVapidKeys(kept)
    return kept
  }
}

const faultOf = (setting: object | null): string | null =>
  setting && 'fault' in setting && typeof setting.fault === 'string' ? setting.fault : null

/** A key that fits nothing throws; to the others that is one more receiver who was not reached. */
const attempt = (send: () => Promise<Outcome>): Promise<Outcome> =>
  send().catch(() => ({
    ok: false,
    why: 'The message could not be encrypted: a key does not match',
  }))
