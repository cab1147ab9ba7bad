import { Hono } from 'hono'
import { GenerateRequest } from '../../src/lib/contract/generate.ts'
import type { LlmStatus, Model, ModelList } from '../../src/lib/contract/llm.ts'
import { callerOf, isSetUp, modelsFor, starterOf } from '../auth/caller.ts'
import { allowMethods } from '../http/methods.ts'
import { requires, statusViewFor } from '../auth/guard.ts'
import { fromOwnPage } from '../auth/same-origin.ts'
import { revalidatedSignal, revalidateStream } from '../auth/revalidate-stream.ts'
import { bodyGuard, jsonBody } from '../http/body.ts'
import { refuseCloudModel } from '../models/cloud.ts'
import { listModels } from '../models/list.ts'
import { generate } from './generate.ts'
import type { Ports } from '../ports.ts'
import { withQueueSlot } from '../runs/with-queue-slot.ts'
import { homeProblem } from '../ollama/home-problem.ts'
import { notSetUpVerdict } from '../diagnosis/health-routes.ts'

const INDEX = {
  service: 'ollama',
  routes: {
    'GET /api/llm/status': 'whether the home answers, always 200',
    'GET /api/llm/models': 'the models that are installed',
    'POST /api/llm/generate': 'text for a prompt, as Ollama streams it',
    'POST /api/runs': 'a run, which continues when its client disconnects',
    'GET /api/session': 'whether you are signed in',
    'GET /api/health': 'which rung fails, and how to fix it',
  },
} as const

/** `/api/llm`: the routes of the earlier backend, which scripts still use. */
export function llm(ports: Ports) {
  const owner = requires(ports)
  return new Hono()
    .get('/', (c) => c.json(INDEX))
    .all('/', allowMethods('GET, HEAD'))
    .get('/status', async (c) => c.json(await statusOf(ports, c.req.raw)))
    .all('/status', allowMethods('GET, HEAD'))
    .get('/models', fromOwnPage(ports.config), requires(ports, 'models:read'), async (c) =>
      c.json<ModelList>({ models: modelsFor(c.var.caller, await modelsWithOutlooks(ports)) }),
    )
    .all('/models', allowMethods('GET, HEAD'))
    .post('/generate', owner, bodyGuard, jsonBody(GenerateRequest), async (c) => {
      const request = c.req.valid('json')
      await refuseCloudModel(ports.config, request.model)
      const { left, stop } = revalidatedSignal(ports, c.var.caller, c.req.raw.signal)
      const waiting = { starter: starterOf(c.var.caller), model: request.model, left }
      const answer = await withQueueSlot(ports, waiting, (slot) =>
        generate(ports.config, request, left, () => slot.giveBack()),
      )
        .catch(homeProblem(ports, request.model))
        .finally(stop)
      return revalidateStream(ports, c.var.caller, answer)
    })
    .all('/generate', allowMethods('POST'))
}

async function modelsWithOutlooks(ports: Ports): Promise<Model[]> {
  const models = await listModels(ports.config).catch(homeProblem(ports))
  const outlooks = await ports.warmUp.outlooks(
    models.map(({ name, digest, size }) => ({ model: name, digest, size })),
  )
  return models.map((model, index) => {
    const { coldMs, mayExceed } = outlooks[index] ?? { coldMs: null, mayExceed: false }
    return { ...model, coldMs, mayExceed }
  })
}

/** The status itself reports every failure, so this never throws one. */
async function statusOf(ports: Ports, request: Request): Promise<LlmStatus> {
  const { config } = ports
  const caller = await callerOf(ports, request)
  const { verdict } = isSetUp(config) ? await ports.diagnosis.check({}) : notSetUpVerdict()
  const { cause, title, version, reason, status } = verdict
  const isOnline = version !== null && (status !== 'fail' || cause === 'model_missing')
  const isOwner = caller.who === 'owner'
  const view = statusViewFor(caller, config)
  const showsCause = view === 'all' || view === 'cause'
  const isWrong = cause !== 'ok'
  return {
    status: isOnline ? 'online' : 'offline',
    service: 'ollama',
    ...(isWrong && showsCause ? { cause, title } : {}),
    ...(isOwner && !('fault' in config.home) ? { url: config.home.origin } : {}),
    ...(isOwner && version !== null ? { version: { version } } : {}),
    ...(isOwner && isWrong ? { reason } : {}),
  }
}
