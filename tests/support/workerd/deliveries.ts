import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { inject } from 'vitest'
import type { Alert, Subscription } from '../../../src/lib/contract/alerts.ts'
import { readAlertsConfig, type AlertVariables } from '../../../worker/alerts/config.ts'
import { Alerts } from '../../../worker/alerts/alerts.ts'
import type { Manner, Received } from '../alert-server.ts'

export const receiverUrl = inject('receiver')

const control = (path: string, method: string, body?: unknown) =>
  fetch(`${receiverUrl}/control/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

/** The requests to paths that begin with `path`, in order of arrival. */
export const received = async (path: string) =>
  (await (await control('got', 'GET')).json<Received[]>()).filter((one) =>
    one.path.startsWith(path),
  )

export const answerAt = (path: string, manner: Manner) =>
  control(`manner?path=${path}`, 'PUT', manner)

/** A browser that subscribes to the simulated push service. */
export const browser = async (name: string): Promise<Subscription> => ({
  ...(await (await control(`browser?name=${name}`, 'POST')).json<Omit<Subscription, 'device'>>()),
  device: name,
})

export const receivedBy = ({ endpoint }: Subscription) => received(new URL(endpoint).pathname)

export const MINUTE = 60_000
export const OPENED_AT = Date.parse('2026-11-24T14:05:00Z')

/** An alert about a failure that started three minutes ago. */
export const alert = (kind: Alert['kind'], more: Partial<Alert> = {}): Alert => ({
  incident: 7,
  seq: { opened: 1, changed: 2, flapping: 2, closed: 3, left: 3, test: 0 }[kind],
  kind,
  cause: 'tunnel_down',
  since: OPENED_AT - 3 * MINUTE,
  at: OPENED_AT,
  ...more,
})

let nth = 0

interface AlertsUnderTest {
  alerts: Alerts
  /** Other alerts with the same database, as after a crash. */
  restart: () => Alerts
  sql: SqlStorage
  browser: (name: string) => Promise<Subscription>
  /** The receivers of this test: `<path>hook` for the webhook, `<path>` for ntfy. */
  path: string
}

/** Alerts in their own Durable Object, with real receivers at their own paths. */
export async function withAlerts(
  test: (alerts: AlertsUnderTest) => Promise<void>,
  variables: AlertVariables = {},
) {
  const name = `alerts-${++nth}`
  const path = `/${name}/`
  const url = `${receiverUrl}${path}`
  const settings = {
    NTFY_URL: `${url}topic`,
    WEBHOOK_URL: `${url}hook`,
    WEBHOOK_SECRET: 'a secret',
    ...variables,
  }
  const stub = env.HOME.get(env.HOME.newUniqueId())
  await runInDurableObject(stub, async (_home, { storage: { sql } }) => {
    const restart = () => new Alerts(sql, readAlertsConfig(settings, 'local'))
    await test({
      alerts: restart(),
      restart,
      sql,
      path,
      browser: (device) => browser(`${name}-${device}`),
    })
  })
}
