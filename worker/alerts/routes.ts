import { Hono } from 'hono'
import {
  AlertsChange,
  Subscription,
  Unsubscription,
  type AlertsView,
  type Delivery,
} from '../../src/lib/contract/alerts.ts'
import { areKeysUsable, isPushService } from './channels/push.ts'
import { bodyGuard, jsonBody } from '../http/body.ts'
import { only } from '../http/methods.ts'
import { requires } from '../auth/guard.ts'
import { HttpProblem } from '../http/problem.ts'
import type { Ports } from '../ports.ts'

/** By what address the owner uses us. */
const originOf = (request: Request) => new URL(request.url).origin

/** How the owner is told, and whether it works. Addresses of receivers are never told back. */
export function alerts(ports: Ports) {
  const owner = requires(ports)
  return new Hono()
    .get('/', owner, async (c) => c.json<AlertsView>(await ports.alerts.view()))
    .put('/', owner, bodyGuard, jsonBody(AlertsChange), async (c) =>
      c.json<AlertsView>(await ports.alerts.change(c.req.valid('json'), originOf(c.req.raw))),
    )
    .all('/', only('GET, HEAD, PUT'))
    .post('/test', owner, async (c) =>
      c.json<{ outcomes: Delivery[] }>({ outcomes: await ports.alerts.test(originOf(c.req.raw)) }),
    )
    .all('/test', only('POST'))
    .get('/key', owner, async (c) =>
      c.json<{ publicKey: string }>({ publicKey: (await ports.alerts.key()) ?? refuseKeys() }),
    )
    .all('/key', only('GET, HEAD'))
    .post('/subscriptions', owner, bodyGuard, jsonBody(Subscription), async (c) => {
      const subscription = c.req.valid('json')
      if (!isPushService(subscription.endpoint, ports.config.runtime))
        refuseEndpoint('is not from a known push service')
      if (!(await areKeysUsable(subscription.keys.p256dh))) refuseEndpoint('has an invalid key')
      if (!(await ports.alerts.subscribe(subscription, originOf(c.req.raw)))) refuseMore()
      return c.body(null, 204)
    })
    .delete('/subscriptions', owner, bodyGuard, jsonBody(Unsubscription), async (c) => {
      if (!(await ports.alerts.unsubscribe(c.req.valid('json')))) refuseUnknown()
      return c.body(null, 204)
    })
    .all('/subscriptions', only('POST, DELETE'))
}

function refuseEndpoint(message: string): never {
  throw new HttpProblem('invalid', `The subscription ${message}.`, {
    errors: [{ path: 'endpoint', message }],
  })
}

function refuseMore(): never {
  throw new HttpProblem('conflict', 'There are twenty devices already. Remove one first.')
}

function refuseUnknown(): never {
  throw new HttpProblem('not_found', 'No such device. It may have been removed.')
}

function refuseKeys(): never {
  throw new HttpProblem(
    'conflict',
    'VAPID_PUBLIC_KEY and VAPID_PRIVATE_KEY are set, but are not a matching key pair.',
  )
}
