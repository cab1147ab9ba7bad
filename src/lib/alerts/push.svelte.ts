import { api } from '$lib/api'
import { refusal, Told } from './alerts.svelte'

/** `homeScreen`: an iPhone or iPad, which can only when the page was added to the home screen. */
type PushAbility = 'asking' | 'on' | 'off' | 'denied' | 'homeScreen' | 'impossible'

/** Whether this browser is told, and how that is changed. */
class PushState {
  ability = $state<PushAbility>('asking')
  isBusy = $state(false)
  trouble = $state('')

  async look() {
    this.ability = await look()
    // A push service may forget a browser, and a browser its server: telling it again at every visit mends both.
    if (this.ability === 'on') await this.#try(async () => register(await subscribe()))
  }

  /** To be called from a tap: browsers ask the person then, and only then. */
  turnOn = () =>
    this.#change(async () => {
      if ((await Notification.requestPermission()) !== 'granted') return
      await register(await subscribe())
    })

  turnOff = () =>
    this.#change(async () => {
      const subscription = await current()
      if (!subscription) return
      await api.api.alerts.subscriptions.$delete({ json: { endpoint: subscription.endpoint } })
      await subscription.unsubscribe()
    })

  async #change(act: () => Promise<void>) {
    this.isBusy = true
    await this.#try(act)
    this.ability = await look()
    this.isBusy = false
  }

  async #try(act: () => Promise<void>) {
    try {
      await act()
      this.trouble = ''
    } catch (error) {
      this.trouble =
        error instanceof Told
          ? error.message
          : 'This browser could not reach its push service. Check that the device is online, then try again.'
    }
  }
}

async function look(): Promise<PushAbility> {
  if (
    !('serviceWorker' in navigator) ||
    !('PushManager' in globalThis) ||
    !('Notification' in globalThis)
  )
    return /iPhone|iPad/.test(navigator.userAgent) ? 'homeScreen' : 'impossible'
  if (Notification.permission === 'denied') return 'denied'
  return Notification.permission === 'granted' && (await current()) ? 'on' : 'off'
}

const current = async () =>
  (await navigator.serviceWorker.getRegistration())?.pushManager.getSubscription() ?? null

/** The subscription for the key that is in use: one for another key reaches nobody. */
async function subscribe(): Promise<PushSubscription> {
  const response = await api.api.alerts.key.$get()
  if (!response.ok) throw await refusal(response)
  const key = bytesOf((await response.json()).publicKey)
  const { pushManager } = await readyWorker()
  const known = await pushManager.getSubscription()
  if (known && isSame(known.options.applicationServerKey, key)) return known
  await known?.unsubscribe()
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
}

const READY_MS = 10_000

/** It is made ready when the page is first opened; where that failed, nobody would ever say so. */
async function readyWorker(): Promise<ServiceWorkerRegistration> {
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), READY_MS))
  const ready = await Promise.race([navigator.serviceWorker.ready, late])
  if (!ready)
    throw new Told(
      'This browser has not made Porchlight ready to be told. Reload the page, then try again.',
    )
  return ready
}

async function register(subscription: PushSubscription) {
  const { endpoint = '', keys: { p256dh = '', auth = '' } = {} } = subscription.toJSON()
  const json = { endpoint, keys: { p256dh, auth }, device: deviceName(navigator.userAgent) }
  const response = await api.api.alerts.subscriptions.$post({ json })
  if (!response.ok) throw await refusal(response)
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (sign) =>
    sign.charCodeAt(0),
  )
}

function isSame(buffer: ArrayBuffer | null, key: Uint8Array): boolean {
  const bytes = new Uint8Array(buffer ?? new ArrayBuffer(0))
  return bytes.length === key.length && key.every((byte, nth) => byte === bytes[nth])
}

const BROWSERS = [
  ['Edg/', 'Edge'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const
const SYSTEMS = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Mac OS', 'Mac'],
  ['Linux', 'Linux'],
] as const

/** "Chrome on Android": enough to tell one's own devices apart. */
export function deviceName(userAgent: string): string {
  const named = (table: readonly (readonly [string, string])[], fallback: string) =>
    table.find(([sign]) => userAgent.includes(sign))?.[1] ?? fallback
  return `${named(BROWSERS, 'A browser')} on ${named(SYSTEMS, 'some device')}`
}

export const push = new PushState()
