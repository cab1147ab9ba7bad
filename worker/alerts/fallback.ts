import { HOUR_MS } from '../time.ts'
import { sendToNtfy } from './channels/ntfy.ts'
import { sendToWebhook } from './channels/webhook.ts'
import type { AlertsConfig } from './config.ts'
import { OWN_FAULT, type Notification } from './notification.ts'

/**
 * Notifies ntfy and the webhook that `Home` does not respond; only `Home` knows the devices. At most once an hour if `cache`
 * remembers. On a workers.dev name it does not; the notification then has the same id for the hour, so receivers replace it
 * in place. Never throws. Returns whether any receiver accepted it.
 */
export async function fallbackAlert(
  { ntfy, ntfyToken, webhook, webhookSecret }: AlertsConfig,
  cache: Pick<Cache, 'match' | 'put'>,
  now: number,
): Promise<boolean> {
  const hour = Math.floor(now / HOUR_MS)
  if (!(await isFirst(cache, hour).catch(() => true))) return false
  const notification = notificationFor(hour, now)
  const results = await Promise.allSettled([
    ntfy && 'url' in ntfy ? sendToNtfy(ntfy.url, ntfyToken, notification) : null,
    webhook && 'url' in webhook
      ? sendToWebhook(webhook.url, webhookSecret, notification, now)
      : null,
  ])
  return results.some((result) => result.status === 'fulfilled' && result.value?.ok === true)
}

function notificationFor(hour: number, now: number): Notification {
  const since = hour * HOUR_MS
  return {
    ...OWN_FAULT,
    id: `own-fault-${hour}`,
    thread: `own-fault-${hour}`,
    alert: { incident: 0, seq: hour, kind: 'opened', cause: 'observer_blind', since, at: now },
    url: null,
  }
}

async function isFirst(cache: Pick<Cache, 'match' | 'put'>, hour: number): Promise<boolean> {
  const key = `https://porchlight.invalid/own-fault/${hour}`
  if (await cache.match(key)) return false
  const headers = { 'Cache-Control': `max-age=${HOUR_MS / 1000}` }
  await cache.put(key, new Response('sent', { headers }))
  return true
}
