import { Hono } from 'hono'
import { QueueSettings, type QueueState } from '../../src/lib/contract/queue.ts'
import { bodyGuard, jsonBody } from '../http/body.ts'
import { allowMethods } from '../http/methods.ts'
import { requires } from '../auth/guard.ts'
import type { Ports } from '../ports.ts'

/** `/api/queue`: the requests that wait or are at the home, and how many may be there at once. */
export function queue(ports: Ports) {
  const owner = requires(ports)
  return new Hono()
    .get('/', owner, async (c) => c.json<QueueState>(await ports.runQueue.read()))
    .put('/', owner, bodyGuard, jsonBody(QueueSettings), async (c) =>
      c.json<QueueState>(await ports.runQueue.change(c.req.valid('json'))),
    )
    .all('/', allowMethods('GET, HEAD, PUT'))
}
