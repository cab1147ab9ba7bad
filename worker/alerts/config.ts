import { readDestination, type Destination } from './destination.ts'

/** The environment variables for alerts. */
export interface AlertVariables {
  NTFY_URL?: string
  NTFY_TOKEN?: string
  WEBHOOK_URL?: string
  WEBHOOK_SECRET?: string
  DEADMAN_URL?: string
  VAPID_PUBLIC_KEY?: string
  VAPID_PRIVATE_KEY?: string
  VAPID_SUBJECT?: string
}

/** The key pair that identifies this Porchlight to push services, as base64url. */
export interface VapidKeys {
  publicKey: string
  privateKey: string
}

/** `null` means not set. */
export interface AlertsConfig {
  ntfy: Destination | null
  ntfyToken: string | null
  webhook: Destination | null
  webhookSecret: string | null
  deadman: Destination | null
  vapid: VapidKeys | { fault: string } | null
  vapidSubject: string | null
}

export function readAlertsConfig(env: AlertVariables, runtime: 'local' | 'deployed'): AlertsConfig {
  return {
    ntfy: readTopic(readDestination('NTFY_URL', env.NTFY_URL, runtime)),
    ntfyToken: env.NTFY_TOKEN?.trim() || null,
    webhook: readDestination('WEBHOOK_URL', env.WEBHOOK_URL, runtime),
    webhookSecret: env.WEBHOOK_SECRET?.trim() || null,
    deadman: readDestination('DEADMAN_URL', env.DEADMAN_URL, runtime),
    vapid: readVapid(env),
    vapidSubject: env.VAPID_SUBJECT?.trim() || null,
  }
}

function readTopic(destination: Destination | null): Destination | null {
  if (!destination || 'fault' in destination) return destination
  const hasTopic = /\/[-\w]{1,64}$/.test(destination.url.pathname)
  return hasTopic
    ? destination
    : { fault: 'NTFY_URL must end with the topic, for example https://ntfy.sh/my-topic.' }
}

/** An uncompressed point and a scalar of P-256. */
const PUBLIC_KEY = /^B[\w-]{86}$/
const PRIVATE_KEY = /^[\w-]{43}$/

function readVapid(env: AlertVariables): AlertsConfig['vapid'] {
  const publicKey = env.VAPID_PUBLIC_KEY?.trim() ?? ''
  const privateKey = env.VAPID_PRIVATE_KEY?.trim() ?? ''
  if (publicKey === '' && privateKey === '') return null
  if (PUBLIC_KEY.test(publicKey) && PRIVATE_KEY.test(privateKey)) return { publicKey, privateKey }
  return {
    fault:
      'VAPID_PUBLIC_KEY and VAPID_PRIVATE_KEY must both be set, as base64url of 65 and of 32 bytes.',
  }
}
