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

/** What came to paths that begin like this, in the order of its arrival. */
export const received = async (path: string) =>
  (await (await control('got', 'GET')).json<Received[]>()).filter((one) =>
    one.path.startsWith(path),
  )

export const answerAt = (path: string, manner: Manner) =>
  control(`manner?path=${path}`, 'PUT', manner)

/** A browser that subscribes at the pretended push service. */
export const browser = async (name: string): Promise<Subscription> => ({
  ...(await (await control(`browser?name=${name}`, 'POST')).json<Omit<Subscription, 'device'>>()),
  device: name,
})

export const receivedBy = ({ endpoint }: Subscription) => received(new URL(endpoint).pathname)

export const MINUTE = 60_000
export const OPENED_AT = Date.parse('2026-11-24T14:05:00Z')

/** Something to be told, three minutes after it began. */
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

interface Stage {
  alerts: Alerts
  /** Another one over the same database, as after a crash. */
  again: () => Alerts
  sql: SqlStorage
  browser: (name: string) => Promise<Subscription>
  /** Where everything of this test goes to: `<path>hook`, and `<path>` for ntfy. */
  path: string
}

/** Alerts in a Durable Object of their own, with real receivers at paths of their own. */
export async function onStage(
  act: (stage: Stage) => Promise<void>,
  variables: AlertVariables = {},
) {
  const name = `stage-${++nth}`
  const path = `/${name}/`
  const url = `${receiverUrl}${path}`
  const given = {
    NTFY_URL: `${url}topic`,
    WEBHOOK_URL: `${url}hook`,
    WEBHOOK_SECRET: 'a secret',
    ...variables,
  }
  const stub = env.HOME.get(env.HOME.newUniqueId())
  await runInDurableObject(stub, async (_home, { storage: { sql } }) => {
    const again = () => new Alerts(sql, readAlertsConfig(given, 'local'))
    await act({ alerts: again(), again, sql, path, browser: (who) => browser(`${name}-${who}`) })
  })
}
