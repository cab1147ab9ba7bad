import { Hono } from 'hono'
import { Recipe } from '../../src/lib/contract/recipe.ts'
import {
  EVENTS_TYPE,
  type RunList,
  type RunState,
  type Started,
} from '../../src/lib/contract/runs.ts'
import { imagesBodyGuard, jsonBody, limitTextSize } from '../http/body.ts'
import { eventsForGuest, runForGuest } from './guest-view.ts'
import { streamResponse } from '../http/stream.ts'
import { recipeFor } from './recipe-limits.ts'
import { allowMethods } from '../http/methods.ts'
import { starterOf, type IdentifiedCaller } from '../auth/caller.ts'
import { requires } from '../auth/guard.ts'
import { HttpProblem } from '../http/problem.ts'
import { throwRejection } from './rejection.ts'
import { fromOwnPage } from '../auth/same-origin.ts'
import { revalidateStream } from '../auth/revalidate-stream.ts'
import { refuseCloudModel } from '../models/cloud.ts'
import { FORMATS, isFormat } from './export/formats.ts'
import type { Ports } from '../ports.ts'

const PAGE = { initial: 50, max: 200 } as const

/** `/api/runs`. A run continues when its viewers disconnect. */
export function runs(ports: Ports) {
  const owner = requires(ports)
  const writer = requires(ports, 'runs:write')
  const starter = requires(ports, 'runs:write', 'guests')
  return new Hono()
    .post('/', writer, imagesBodyGuard, jsonBody(Recipe), async (c) => {
      const starter = starterOf(c.var.caller)
      const recipe = recipeFor(starter.lane, c.req.valid('json'))
      limitTextSize(recipe)
      await refuseCloudModel(ports.config, recipe.model)
      if (c.req.header('Accept')?.includes(EVENTS_TYPE))
        return startAndWatch(ports, recipe, c.var.caller)
      const started =
        (await ports.runs.start(recipe, starter)) ??
        (await throwRejection(ports, starter, recipe.model))
      return c.json<Started, 201>(started, 201, locationOf(started))
    })
    .get('/', owner, async (c) => c.json<RunList>(await ports.runs.list(readQuery(c.req.query()))))
    .all('/', allowMethods('GET, HEAD, POST'))
    .get('/export', fromOwnPage(ports.config), owner, async (c) => {
      const file = await exportFile(ports, c.req.query())
      return revalidateStream(ports, c.var.caller, file)
    })
    .all('/export', allowMethods('GET, HEAD'))
    .get('/:id', starter, async (c) => {
      const { caller } = c.var
      const run = (await ports.runs.find(c.req.param('id'), starterOf(caller))) ?? refuseUnknown()
      return c.body(caller.who === 'guest' ? runForGuest(run, caller.show) : run, 200, {
        'Content-Type': 'application/json',
      })
    })
    .delete('/:id', owner, async (c) => {
      if (!(await ports.runs.remove(c.req.param('id')))) refuseUnknown()
      return c.body(null, 204)
    })
    .all('/:id', allowMethods('GET, HEAD, DELETE'))
    .get('/:id/events', fromOwnPage(ports.config), starter, async (c) => {
      const { caller } = c.var
      const after = readAfter(c.req.header('Last-Event-ID') ?? c.req.query('after'))
      const events = await ports.runs.watch(
        c.req.param('id'),
        after,
        starterOf(caller),
        caller.credential,
      )
      if (!events) refuseUnknown()
      return eventsOf(caller.who === 'guest' ? eventsForGuest(events, caller.show) : events)
    })
    .all('/:id/events', allowMethods('GET, HEAD'))
    .post('/:id/stop', starter, async (c) => {
      const state =
        (await ports.runs.stop(c.req.param('id'), starterOf(c.var.caller))) ?? refuseUnknown()
      return c.json<{ state: RunState }>({ state })
    })
    .all('/:id/stop', allowMethods('POST'))
}

async function startAndWatch(
  ports: Ports,
  recipe: Recipe,
  caller: IdentifiedCaller,
): Promise<Response> {
  const starter = starterOf(caller)
  const { started, events } =
    (await ports.runs.startAndWatch(recipe, starter, caller.credential)) ??
    (await throwRejection(ports, starter, recipe.model))
  return eventsOf(events, 201, locationOf(started))
}

export const locationOf = ({ id }: Started) => ({ Location: `/api/runs/${id}` })

/** `X-Accel-Buffering` keeps nginx from holding the events back. */
export const eventsOf = (
  events: ReadableStream<Uint8Array>,
  status = 200,
  headers: Record<string, string> = {},
) =>
  streamResponse(events, EVENTS_TYPE, {
    status,
    headers: { 'X-Accel-Buffering': 'no', ...headers },
  })

function refuseUnknown(): never {
  throw new HttpProblem('not_found', 'No such run. It may have been deleted.')
}

async function exportFile(ports: Ports, query: Record<string, string>): Promise<Response> {
  const { format, choice } = readExport(query)
  const { type, extension } = FORMATS[format]
  const headers = {
    'Content-Type': type,
    'Content-Disposition': `attachment; filename="porchlight-runs.${extension}"`,
  }
  return new Response(await ports.runs.export(choice, format), { headers })
}

function readExport({ format = 'json', ids, q }: Record<string, string>) {
  if (!isFormat(format)) {
    const message = `must be one of ${Object.keys(FORMATS).join(', ')}`
    throw new HttpProblem('invalid', `format ${message}.`, {
      errors: [{ path: 'format', message }],
    })
  }
  const choice = { ...(ids === undefined ? {} : { ids: ids.split(',') }), ...searchOf(q) }
  return { format, choice }
}

const searchOf = (q: string | undefined) => (q?.trim() ? { q: q.trim() } : {})

function readQuery({ limit, before, q }: Record<string, string>) {
  const count = Number(limit ?? PAGE.initial)
  if (!Number.isInteger(count) || count < 1)
    throw new HttpProblem('invalid', 'limit must be a whole number, 1 or more.', {
      errors: [{ path: 'limit', message: 'must be a whole number, 1 or more' }],
    })
  return { limit: Math.min(count, PAGE.max), ...(before ? { before } : {}), ...searchOf(q) }
}

/** An invalid number is ignored, so the client receives all events. */
const readAfter = (text: string | undefined) =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0
