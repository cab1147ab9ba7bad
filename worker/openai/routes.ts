import { Hono } from 'hono'
import { requiresToken } from '../auth/bearer.ts'
import { bodyGuard, bodyGuardOf, jsonBody } from '../http/body.ts'
import { modelsFor, starterOf, type IdentifiedCaller } from '../auth/caller.ts'
import { apiHeaders } from '../http/headers.ts'
import { httpProblemFrom } from '../http/exceptions.ts'
import { setupGuard } from '../auth/setup-guard.ts'
import { sameOrigin } from '../auth/same-origin.ts'
import { recipeFor } from '../runs/recipe-limits.ts'
import { HttpProblem } from '../http/problem.ts'
import { revalidatedSignal } from '../auth/revalidate-stream.ts'
import { IMAGES_BODY_LIMIT } from '../../src/lib/contract/generate.ts'
import { sameModel } from '../../src/lib/diagnosis/index.ts'
import { refuseCloudModel } from '../models/cloud.ts'
import { usableModels } from '../models/list.ts'
import { homeProblem } from '../ollama/home-problem.ts'
import { chat } from './chat.ts'
import { ChatRequest, recipeOf } from './chat-request.ts'
import { EmbeddingsRequest } from './embeddings.ts'
import { embed } from './embed.ts'
import { errorResponse } from './errors.ts'
import { modelObject } from './models.ts'
import type { Ports } from '../ports.ts'

/** `/v1` for OpenAI clients. Porchlight translates the requests itself, and never uses the home's own `/v1`. */
export function v1(ports: Ports) {
  const bearer = requiresToken(ports, 'v1')
  const models = async (caller: IdentifiedCaller) =>
    modelsFor(caller, await usableModels(ports.config).catch(homeProblem(ports)))
  return new Hono()
    .use(setupGuard(ports.config), sameOrigin(ports.config), apiHeaders)
    .get('/models', bearer, async (c) =>
      c.json({ object: 'list', data: (await models(c.var.caller)).map(modelObject) }),
    )
    .get('/models/:id{.+}', bearer, async (c) => {
      const found = (await models(c.var.caller)).find(({ name }) =>
        sameModel(name, c.req.param('id')),
      )
      if (!found)
        throw new HttpProblem(
          'not_found',
          'There is no such model at home. GET /v1/models lists the models.',
        )
      return c.json(modelObject(found))
    })
    .post(
      '/chat/completions',
      bearer,
      bodyGuardOf(IMAGES_BODY_LIMIT),
      jsonBody(ChatRequest),
      async (c) => {
        const request = c.req.valid('json')
        const starter = starterOf(c.var.caller)
        const recipe = recipeFor(starter.lane, recipeOf(request))
        await refuseCloudModel(ports.config, recipe.model)
        const here = revalidatedSignal(ports, c.var.caller, c.req.raw.signal)
        return chat(ports, request, recipe, { starter, model: recipe.model, ...here })
      },
    )
    .post('/embeddings', bearer, bodyGuard, jsonBody(EmbeddingsRequest), async (c) => {
      const request = c.req.valid('json')
      await refuseCloudModel(ports.config, request.model)
      const { left, stop } = revalidatedSignal(ports, c.var.caller, c.req.raw.signal)
      return embed(ports, request, {
        starter: starterOf(c.var.caller),
        model: request.model,
        left,
      }).finally(stop)
    })
    .all('*', () => {
      throw new HttpProblem(
        'not_found',
        'No such route. The routes are GET /v1/models, POST /v1/chat/completions and POST /v1/embeddings.',
      )
    })
    .onError((error) => errorResponse(httpProblemFrom(error)))
}
