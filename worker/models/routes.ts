import { Hono } from 'hono'
import { every } from 'hono/combine'
import { createMiddleware } from 'hono/factory'
import * as v from 'valibot'
import {
  CopyRequest,
  ModelName,
  PullRequest,
  type ModelAdministration,
  type PullLine,
} from '../../src/lib/contract/models.ts'
import { bodyGuard, jsonBody } from '../http/body.ts'
import type { IdentifiedCaller } from '../auth/caller.ts'
import { requireRecentAuth, isRecentlyAuthenticated } from '../auth/recent-auth.ts'
import { allowMethods } from '../http/methods.ts'
import { requires } from '../auth/guard.ts'
import { HttpProblem } from '../http/problem.ts'
import { fromOwnPage } from '../auth/same-origin.ts'
import { revalidateStream } from '../auth/revalidate-stream.ts'
import { copyModel, pullModel, removeModel } from './administration.ts'
import { homeProblem } from '../ollama/home-problem.ts'
import { listModels } from './list.ts'
import { LINES_TYPE, streamFrom, streamResponse } from '../http/stream.ts'
import type { Ports } from '../ports.ts'

/** `/api/models`: only for an owner who has signed in recently, and only with `ALLOW_MODEL_ADMIN`. */
export function models(ports: Ports) {
  const { config } = ports
  const owner = requires(ports)
  const admin = every(requireModelAdmin(ports), requireRecentAuth)
  return new Hono()
    .get('/', fromOwnPage(config), owner, async (c) => {
      const models = await listModels(config).catch(homeProblem(ports))
      return c.json<ModelAdministration>({ models, refusal: refusalFor(ports, c.var.caller) })
    })
    .all('/', allowMethods('GET, HEAD'))
    .post('/pull', owner, admin, bodyGuard, jsonBody(PullRequest), async (c) => {
      const { model } = c.req.valid('json')
      const cancellation = new AbortController()
      const signal = AbortSignal.any([cancellation.signal, c.req.raw.signal])
      const lines = await pullModel(config, model, signal).catch(homeProblem(ports, model))
      const body = streamFrom(encoded(lines), () => cancellation.abort())
      return revalidateStream(ports, c.var.caller, streamResponse(body, LINES_TYPE))
    })
    .all('/pull', allowMethods('POST'))
    .post('/copy', owner, admin, bodyGuard, jsonBody(CopyRequest), async (c) => {
      const { source, destination } = c.req.valid('json')
      await copyModel(config, source, destination).catch(homeProblem(ports, source))
      return c.body(null, 204)
    })
    .all('/copy', allowMethods('POST'))
    .delete('/:name{.+}', owner, admin, async (c) => {
      const name = c.req.param('name')
      if (!v.is(ModelName, name))
        throw new HttpProblem('invalid', 'This is not a valid model name.')
      await removeModel(config, name).catch(homeProblem(ports, name))
      return c.body(null, 204)
    })
    .all('/:name{.+}', allowMethods('DELETE'))
}

const requireModelAdmin = ({ config }: Ports) =>
  createMiddleware(async (_, next) => {
    if (!config.allowsModelAdmin)
      throw new HttpProblem(
        'forbidden',
        'Changing models is turned off. To allow it, set ALLOW_MODEL_ADMIN=1 on the server.',
      )
    await next()
  })

function refusalFor({ config }: Ports, caller: IdentifiedCaller): ModelAdministration['refusal'] {
  if (!config.allowsModelAdmin) return 'switched_off'
  return isRecentlyAuthenticated(caller) ? null : 'sign_in_again'
}

async function* encoded(lines: AsyncGenerator<PullLine>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  for await (const line of lines) yield encoder.encode(`${JSON.stringify(line)}\n`)
}
