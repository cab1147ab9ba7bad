import { OWN_FAULT } from './message.ts'
import { sendToNtfy } from './channels/ntfy.ts'
import { sendToWebhook } from './channels/webhook.ts'
import type { AlertsConfig } from './config.ts'
import type { Notice } from './notice.ts'
import { HOUR_MS } from '../time.ts'

/**
 * Tells, without Home, that Home does not answer: by ntfy and webhook, since the devices are known to Home alone. At most
 * once an hour, as far as `cache` remembers; where it does not (a workers.dev name), the same hour has the same id, so that
 * receivers change one notice in place. Never throws. Returns whether anything was sent.
 */
export async function fallbackAlert(
  { ntfy, ntfyToken, webhook, webhookSecret }: AlertsConfig,
  cache: Pick<Cache, 'match' | 'put'>,
  now: number,
): Promise<boolean> {
  const hour = Math.floor(now / HOUR_MS)
  if (!(await isFirst(cache, hour).catch(() => true))) return false
  const at = hour * HOUR_MS
  const notice: Notice = {
    id: `own-fault-${hour}`,
    thread: `own-fault-${hour}`,
    alert: { incident: 0, seq: hour, kind: 'opened', cause: 'observer_blind', since: at, at: now },
    message: OWN_FAULT,
    open: null,
  }
  const sent = await Promise.allSettled([
    ntfy && 'url' in ntfy ? sendToNtfy(ntfy.url, ntfyToken, notice) : null,
    webhook && 'url' in webhook ? sendToWebhook(webhook.url, webhookSecret, notice, now) : null,
  ])
  return sent.some((one) => one.status === 'fulfilled' && one.value?.ok === true)
}

async function isFirst(cache: Pick<Cache, 'match' | 'put'>, hour: number): Promise<boolean> {
  const key = `https://porchlight.invalid/own-fault/${hour}`
  if (await cache.match(key)) return false
  await cache.put(
    key,
    new Response('told', { headers: { 'Cache-Control': `max-age=${HOUR_MS / 1000}` } }),
  )
  return true
}
