import { api, ApiError, deletion, request } from '$lib/api'
import { deviceName } from '$lib/contract/device-name'

/** `homeScreen`: on an iPhone or iPad push works only in a page that was added to the home screen. */
type PushAbility = 'checking' | 'on' | 'off' | 'denied' | 'homeScreen' | 'impossible'

const READY_TIMEOUT_MS = 10_000
const NOT_READY =
  'This browser has not finished setting up notifications for Porchlight. Reload the page, then try again.'
const NO_PUSH_SERVICE =
  'This browser could not reach its push service. Check that the device is online, then try again.'

/** Whether this browser shows alerts as notifications, and how to change that. */
class PushState {
  ability = $state<PushAbility>('checking')
  isBusy = $state(false)
  /** What the last action failed of; empty when it succeeded. */
  failure = $state('')

  async load() {
    this.ability = await readAbility()
    // Push services drop browsers, and browsers drop subscriptions: subscribing at every visit repairs both.
    if (this.ability === 'on') await this.#try(async () => register(await subscribe()))
  }

  /** To be called from a tap: otherwise browsers do not ask for permission. */
  turnOn = () =>
    this.#change(async () => {
      if ((await Notification.requestPermission()) !== 'granted') return
      await register(await subscribe())
    })

  turnOff = () =>
    this.#change(async () => {
      const subscription = await currentSubscription()
      if (!subscription) return
      const { endpoint } = subscription
      await deletion(api.api.alerts.subscriptions.$delete({ json: { endpoint } }))
      await subscription.unsubscribe()
    })

  async #change(act: () => Promise<void>) {
    this.isBusy = true
    await this.#try(act)
    this.ability = await readAbility()
    this.isBusy = false
  }

  async #try(act: () => Promise<void>) {
    try {
      await act()
      this.failure = ''
    } catch (error) {
      this.failure =
        error instanceof ApiError || error instanceof NotReady ? error.message : NO_PUSH_SERVICE
    }
  }
}

/** The service worker did not start in time. */
class NotReady extends Error {}

async function readAbility(): Promise<PushAbility> {
  const isSupported =
    'serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis
  if (!isSupported) return /iPhone|iPad/.test(navigator.userAgent) ? 'homeScreen' : 'impossible'
  if (Notification.permission === 'denied') return 'denied'
  return Notification.permission === 'granted' && (await currentSubscription()) ? 'on' : 'off'
}

const currentSubscription = async () =>
  (await navigator.serviceWorker.getRegistration())?.pushManager.getSubscription() ?? null

/** A subscription that was made for another server key is replaced: nothing would arrive through it. */
async function subscribe(): Promise<PushSubscription> {
  const key = fromBase64Url((await request(api.api.alerts.key.$get())).publicKey)
  const { pushManager } = await readyWorker()
  const current = await pushManager.getSubscription()
  if (current && isSameKey(current.options.applicationServerKey, key)) return current
  await current?.unsubscribe()
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
}

/** Where the service worker could not be installed, `ready` never settles. */
async function readyWorker(): Promise<ServiceWorkerRegistration> {
  const timeout = new Promise<null>((resolve) => setTimeout(() => resolve(null), READY_TIMEOUT_MS))
  const registration = await Promise.race([navigator.serviceWorker.ready, timeout])
  if (!registration) throw new NotReady(NOT_READY)
  return registration
}

async function register(subscription: PushSubscription) {
  const { endpoint = '', keys: { p256dh = '', auth = '' } = {} } = subscription.toJSON()
  const json = { endpoint, keys: { p256dh, auth }, device: deviceName(navigator.userAgent) }
  await api.api.alerts.subscriptions.$post({ json })
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) =>
    char.charCodeAt(0),
  )
}

function isSameKey(buffer: ArrayBuffer | null, key: Uint8Array): boolean {
  const bytes = new Uint8Array(buffer ?? new ArrayBuffer(0))
  return bytes.length === key.length && key.every((byte, nth) => byte === bytes[nth])
}

export const push = new PushState()
