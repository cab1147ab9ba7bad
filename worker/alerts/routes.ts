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
import { allowMethods } from '../http/methods.ts'
import { requires } from '../auth/guard.ts'
import { HttpProblem } from '../http/problem.ts'
import type { Ports } from '../ports.ts'

/** The address at which the owner uses Porchlight. */
const originOf = (request: Request) => new URL(request.url).origin

/** How the owner is notified. Responses never contain the addresses of receivers. */
export function alerts(ports: Ports) {
  const owner = requires(ports)
  return new Hono()
    .get('/', owner, async (c) => c.json<AlertsView>(await ports.alerts.view()))
    .put('/', owner, bodyGuard, jsonBody(AlertsChange), async (c) =>
      c.json<AlertsView>(await ports.alerts.change(c.req.valid('json'), originOf(c.req.raw))),
    )
    .all('/', allowMethods('GET, HEAD, PUT'))
    .post('/test', owner, async (c) =>
      c.json<{ outcomes: Delivery[] }>({
        outcomes: await ports.alerts.sendTest(originOf(c.req.raw)),
      }),
    )
    .all('/test', allowMethods('POST'))
    .get('/key', owner, async (c) =>
      c.json<{ publicKey: string }>({
        publicKey: (await ports.alerts.publicKey()) ?? refuseKeyPair(),
      }),
    )
    .all('/key', allowMethods('GET, HEAD'))
    .post('/subscriptions', owner, bodyGuard, jsonBody(Subscription), async (c) => {
      const subscription = c.req.valid('json')
      if (!isPushService(subscription.endpoint, ports.config.runtime))
        refuseEndpoint('is not from a known push service')
      if (!(await areKeysUsable(subscription.keys.p256dh))) refuseEndpoint('has an invalid key')
      if (!(await ports.alerts.subscribe(subscription, originOf(c.req.raw)))) refuseTooMany()
      return c.body(null, 204)
    })
    .delete('/subscriptions', owner, bodyGuard, jsonBody(Unsubscription), async (c) => {
      if (!(await ports.alerts.unsubscribe(c.req.valid('json')))) refuseUnknown()
      return c.body(null, 204)
    })
    .all('/subscriptions', allowMethods('POST, DELETE'))
}

function refuseEndpoint(message: string): never {
  throw new HttpProblem('invalid', `The subscription ${message}.`, {
    errors: [{ path: 'endpoint', message }],
  })
}

function refuseTooMany(): never {
  throw new HttpProblem('conflict', 'Twenty devices are subscribed already. Remove one first.')
}

function refuseUnknown(): never {
  throw new HttpProblem('not_found', 'No such device. It may have been removed.')
}

function refuseKeyPair(): never {
  throw new HttpProblem(
    'conflict',
    'VAPID_PUBLIC_KEY and VAPID_PRIVATE_KEY are set, but are not a matching key pair.',
  )
}
