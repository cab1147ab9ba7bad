import type { Channel } from '../../src/lib/contract/alerts.ts'
import { sendToNtfy } from './channels/ntfy.ts'
import { makeVapidKeys, sendToBrowser } from './channels/push.ts'
import { sendToWebhook } from './channels/webhook.ts'
import type { AlertsConfig, VapidKeys } from './config.ts'
import type { SendResult } from './destination.ts'
import type { Device, Devices } from './devices.ts'
import type { Notification } from './notification.ts'
import type { AlertSettings } from './settings.ts'

/** Push services require a contact. Without an https address there is none to give. */
const NO_CONTACT = 'mailto:nobody@porchlight.invalid'

export interface Receiver {
  channel: Channel
  device: Device | null
  send: (notification: Notification, now: number) => Promise<SendResult>
}

/** Everything that alerts are sent to: the configured addresses and the subscribed devices. */
export class Receivers {
  readonly #config: AlertsConfig
  readonly #settings: AlertSettings
  readonly #devices: Devices

  constructor(config: AlertsConfig, settings: AlertSettings, devices: Devices) {
    this.#config = config
    this.#settings = settings
    this.#devices = devices
  }

  /** By their target in the outbox. */
  all(): Map<string, Receiver> {
    const { ntfy, ntfyToken, webhook, webhookSecret } = this.#config
    const receivers = new Map<string, Receiver>()
    if (ntfy && 'url' in ntfy)
      receivers.set('ntfy', {
        channel: 'ntfy',
        device: null,
        send: (notification) => sendToNtfy(ntfy.url, ntfyToken, notification),
      })
    if (webhook && 'url' in webhook)
      receivers.set('webhook', {
        channel: 'webhook',
        device: null,
        send: (notification, now) => sendToWebhook(webhook.url, webhookSecret, notification, now),
      })
    for (const device of this.#devices.list())
      receivers.set(`push:${device.id}`, {
        channel: 'push',
        device,
        send: (notification) => this.#push(device, notification),
      })
    return receivers
  }

  async publicKey(): Promise<string | null> {
    const { vapid } = this.#config
    if (vapid) return 'fault' in vapid ? null : vapid.publicKey
    return (await this.#ownKeys()).publicKey
  }

  async #push(device: Device, notification: Notification): Promise<SendResult> {
    const { vapid, vapidSubject } = this.#config
    if (vapid && 'fault' in vapid) return { ok: false, why: vapid.fault }
    const { origin } = this.#settings.identity()
    const subject = vapidSubject ?? (origin?.startsWith('https:') ? origin : NO_CONTACT)
    return sendToBrowser(device, vapid ?? (await this.#ownKeys()), subject, notification)
  }

  /** Generated when first needed. They can only reach the devices that are stored beside them. */
  async #ownKeys(): Promise<VapidKeys> {
    const generated = this.#settings.vapidKeys() ?? (await makeVapidKeys())
    // A concurrent call may have stored its keys, and a browser may use them already.
    const keys = this.#settings.vapidKeys() ?? generated
    this.#settings.saveVapidKeys(keys)
    return keys
  }
}
