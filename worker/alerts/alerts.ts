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
import type { AlertsConfig } from './config.ts'
import { Deliveries } from './deliveries.ts'
import { sendTo, type SendResult } from './destination.ts'
import { Devices, type Device } from './devices.ts'
import { notificationOf } from './notification.ts'
import { Outbox, type OutboxRow } from './outbox.ts'
import { Receivers, type Receiver } from './receivers.ts'
import { AlertSettings } from './settings.ts'

/** Requests per tick are limited. The other rows follow a minute later. */
const MAX_DELIVERIES_PER_TICK = 12

/**
 * Notifies the owner when the home goes down. `enqueue` belongs in the transaction that changes an incident, `sendDue` after
 * it. Every receiver has its own row, so one that fails does not delay the others.
 */
export class Alerts {
  readonly #config: AlertsConfig
  readonly #outbox: Outbox
  readonly #settings: AlertSettings
  readonly #devices: Devices
  readonly #deliveries: Deliveries
  readonly #receivers: Receivers

  constructor(sql: SqlStorage, config: AlertsConfig) {
    this.#config = config
    this.#outbox = new Outbox(sql)
    this.#settings = new AlertSettings(sql)
    this.#devices = new Devices(sql)
    this.#deliveries = new Deliveries(sql)
    this.#receivers = new Receivers(config, this.#settings, this.#devices)
  }

  /** Safe to repeat: `seq` grows with every change of an incident. */
  enqueue(alert: Alert) {
    for (const target of this.#receivers.all().keys()) this.#outbox.put(alert, target)
  }

  /** Never throws because of a receiver, and returns within the timeout of one delivery. */
  async sendDue(now: number): Promise<void> {
    this.#outbox.purge(now)
    const rows = this.#outbox.due(now)
    if (rows.length === 0) return
    const receivers = this.#receivers.all()
    const isMuted = this.#settings.isMuted(now)
    const ready = rows.flatMap((row) => {
      const receiver = this.#receiverFor(row, receivers, isMuted)
      return receiver ? [{ row, receiver }] : []
    })
    const batch = ready.slice(0, MAX_DELIVERIES_PER_TICK)
    await Promise.all(batch.map(({ row, receiver }) => this.#deliver(row, receiver, now)))
  }

  /** The service behind `DEADMAN_URL` raises an alarm when these requests stop. */
  async pingDeadMansSwitch(): Promise<void> {
    const { deadman } = this.#config
    if (deadman && 'url' in deadman) await sendTo(deadman.url)
  }

  /** Sends a test notification to every receiver, once. */
  async sendTest(now: number): Promise<Delivery[]> {
    const alert: Alert = { incident: 0, seq: now, kind: 'test', cause: 'ok', since: now, at: now }
    const receivers = [...this.#receivers.all().values()]
    const active = receivers.filter(({ channel }) => !this.#settings.isOff(channel))
    const deliveries = active.map(async (receiver) =>
      this.#log(receiver, alert, await this.#send(alert, receiver, now), now),
    )
    return Promise.all(deliveries)
  }

  view(now: number): AlertsView {
    const { deadman } = this.#config
    return {
      channels: this.#channelsView(),
      devices: this.#devices.view(),
      deadman: { configured: deadman !== null && 'url' in deadman, note: faultOf(deadman) },
      ...this.#settings.view(now),
      waiting: this.#outbox.countWaiting(),
      log: this.#deliveries.list(),
    }
  }

  isInMaintenance(at: number): boolean {
    return this.#settings.isInMaintenance(at)
  }

  /** The maintenance that is planned or in progress. */
  maintenance(now: number): AlertsView['maintenance'] {
    return this.#settings.view(now).maintenance
  }

  change(change: AlertsChange) {
    this.#settings.change(change)
  }

  rememberOrigin(origin: string) {
    this.#settings.rememberOrigin(origin)
  }

  /** The VAPID public key, which browsers subscribe with. `null` if the configured keys are not usable. */
  publicKey(): Promise<string | null> {
    return this.#receivers.publicKey()
  }

  /** Returns `false` if there are too many devices. */
  subscribe(subscription: Subscription, now: number): boolean {
    return this.#devices.add(subscription, now)
  }

  /** Returns `false` if there is no such device. */
  unsubscribe(which: Unsubscription): boolean {
    const device = this.#devices
      .list()
      .find((one) => ('id' in which ? one.id === which.id : one.endpoint === which.endpoint))
    if (device) this.#remove(device)
    return device !== undefined
  }

  #channelsView(): AlertsView['channels'] {
    const { ntfy, webhook, webhookSecret, vapid } = this.#config
    const unsigned =
      webhook && !webhookSecret ? 'Not signed, because WEBHOOK_SECRET is not set.' : null
    const notes = {
      push: faultOf(vapid),
      ntfy: faultOf(ntfy),
      webhook: faultOf(webhook) ?? unsigned,
    }
    const isConfigured = {
      push: this.#devices.list().length > 0 && !notes.push,
      ntfy: ntfy !== null && 'url' in ntfy,
      webhook: webhook !== null && 'url' in webhook,
    }
    return (Object.keys(CHANNELS) as Channel[]).map((channel) => ({
      channel,
      configured: isConfigured[channel],
      on: !this.#settings.isOff(channel),
      note: notes[channel],
    }))
  }

  /** `null` if the row waits for the end of a mute, or is not needed. */
  #receiverFor(
    row: OutboxRow,
    receivers: ReadonlyMap<string, Receiver>,
    isMuted: boolean,
  ): Receiver | null {
    const receiver = receivers.get(row.target)
    if (!receiver) {
      this.#outbox.removeTarget(row.target)
      return null
    }
    if (!isEnd(row)) return isMuted || this.#settings.isOff(receiver.channel) ? null : receiver
    // A receiver that was notified of a failure is notified of its end, whatever was muted since; any other is not.
    if (row.begun === 1) return receiver
    this.#outbox.finish(row)
    return null
  }

  async #deliver(row: OutboxRow, receiver: Receiver, now: number) {
    const { isLast } = this.#outbox.startAttempt(row, now)
    // To a receiver that was not notified of the failure because of a mute, a change is the first news.
    const kind = isEnd(row) || row.begun === 1 ? row.kind : 'opened'
    const result = await this.#send({ ...row, kind }, receiver, now)
    if (result.ok) this.#outbox.finish(row)
    const isGivenUp = isLast && !result.ok
    const logged = isGivenUp
      ? { ...result, why: `${result.why}. This was the last attempt` }
      : result
    this.#log(receiver, row, logged, now)
  }

  async #send(alert: Alert, receiver: Receiver, now: number): Promise<SendResult> {
    const { instance, origin } = this.#settings.identity()
    return receiver
      .send(notificationOf(alert, instance, origin, now), now)
      .catch(() => ({ ok: false, why: 'The message could not be encrypted: a key does not match' }))
  }

  #log({ channel, device }: Receiver, { kind }: Alert, result: SendResult, at: number): Delivery {
    if (!result.ok && result.isGone && device) this.#remove(device)
    const why = result.ok ? '' : result.why
    return this.#deliveries.add({ at, channel, device: device?.device ?? null, kind, why })
  }

  #remove({ id }: Device) {
    this.#devices.remove(id)
    this.#outbox.removeTarget(`push:${id}`)
  }
}

const faultOf = (setting: object | null): string | null =>
  setting && 'fault' in setting && typeof setting.fault === 'string' ? setting.fault : null
