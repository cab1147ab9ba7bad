import { Hono } from 'hono'
import {
  UnloadRequest,
  WarmRequest,
  type Loaded,
  type WarmUp,
} from '../../src/lib/contract/warmth.ts'
import { bodyGuard, jsonBody } from '../http/body.ts'
import { allowMethods } from '../http/methods.ts'
import { requires } from '../auth/guard.ts'
import { fromOwnPage } from '../auth/same-origin.ts'
import { HttpProblem, retryAfter } from '../http/problem.ts'
import { refuseCloudModel } from './cloud.ts'
import { homeProblem } from '../ollama/home-problem.ts'
import { loadedModels, unload } from './loaded.ts'
import type { Ports } from '../ports.ts'

const RETRY_AFTER_S = 10

/** `/api/loaded`, `/api/warm` and `/api/unload`: the models in the home’s memory. */
export function warmth(ports: Ports) {
  const owner = requires(ports)
  return new Hono()
    .get('/loaded', fromOwnPage(ports.config), owner, async (c) => {
      const [models, warmUp] = await Promise.all([
        loadedModels(ports.config).catch(() => null),
        ports.warmUp.read(),
      ])
      return c.json<Loaded>({ models, warmUp })
    })
    .all('/loaded', allowMethods('GET, HEAD'))
    .post('/warm', owner, bodyGuard, jsonBody(WarmRequest), async (c) => {
      const request = c.req.valid('json')
      await refuseCloudModel(ports.config, request.model)
      return c.json<WarmUp, 202>((await ports.warmUp.start(request)) ?? refuseSecondModel(), 202)
    })
    .delete('/warm', owner, async (c) => {
      await ports.warmUp.stop()
      return c.body(null, 204)
    })
    .all('/warm', allowMethods('POST, DELETE'))
    .post('/unload', owner, bodyGuard, jsonBody(UnloadRequest), async (c) => {
      const { model } = c.req.valid('json')
      await unload(ports.config, model).catch(homeProblem(ports, model))
      return c.body(null, 204)
    })
    .all('/unload', allowMethods('POST'))
}

function refuseSecondModel(): never {
  throw new HttpProblem(
    'limit',
    'Another model is being loaded. Wait until it is loaded, or stop it first.',
    {},
    retryAfter(RETRY_AFTER_S),
  )
}
