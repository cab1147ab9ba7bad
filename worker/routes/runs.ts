import { Hono } from 'hono'
import { Recipe } from '../../src/lib/contract/recipe.ts'
import { EVENTS_TYPE, type RunList, type RunState, type Started } from '../../src/lib/contract/runs.ts'
import { imagesBodyGuard, jsonBody, refuseLongText } from '../access/body.ts'
import { API_HEADERS } from '../access/headers.ts'
import { only } from '../access/methods.ts'
import { ownerOnly } from '../access/owner.ts'
import { Refusal } from '../access/problem.ts'
import type { Ports } from '../ports.ts'

const PAGE = { initial: 50, most: 200 } as const
const RETRY_AFTER_S = '10'

/** Runs: started once, watched by anybody who may, ended by nobody’s leaving. */
export function runs(ports: Ports) {
  const owner = ownerOnly(ports)
  return new Hono()
    .post('/', owner, imagesBodyGuard, jsonBody(Recipe), async (c) => {
      const recipe = c.req.valid('json')
      refuseLongText(recipe)
      if (c.req.header('Accept')?.includes(EVENTS_TYPE)) return startAndWatch(ports, recipe)
      const started = (await ports.runs.start(recipe)) ?? refuseMore()
      return c.json<Started, 201>(started, 201, locationOf(started))
    })
    .get('/', owner, async (c) => c.json<RunList>(await ports.runs.list(readQuery(c.req.query()))))
    .all('/', only('GET, HEAD, POST'))
    .get('/:id', owner, async (c) => {
      const run = (await ports.runs.find(c.req.param('id'))) ?? refuseUnknown()
      return c.body(run, 200, { 'Content-Type': 'application/json' })
    })
    .delete('/:id', owner, async (c) => {
      if (!(await ports.runs.remove(c.req.param('id')))) refuseUnknown()
      return c.body(null, 204)
    })
    .all('/:id', only('GET, HEAD, DELETE'))
    .get('/:id/events', owner, async (c) => {
      const after = readAfter(c.req.header('Last-Event-ID') ?? c.req.query('after'))
      return eventsOf((await ports.runs.watch(c.req.param('id'), after)) ?? refuseUnknown())
    })
    .all('/:id/events', only('GET, HEAD'))
    .post('/:id/stop', owner, async (c) => {
      const state = (await ports.runs.stop(c.req.param('id'))) ?? refuseUnknown()
      return c.json<{ state: RunState }>({ state })
    })
    .all('/:id/stop', only('POST'))
}

async function startAndWatch({ runs }: Ports, recipe: Recipe): Promise<Response> {
  const { started, events } = (await runs.startAndWatch(recipe)) ?? refuseMore()
  return eventsOf(events, 201, locationOf(started))
}

const locationOf = ({ id }: Started) => ({ Location: `/api/runs/${id}` })

/** Named as it is, and not to be changed: compression would hold the stream back. */
const eventsOf = (events: ReadableStream<Uint8Array>, status = 200, headers: Record<string, string> = {}) =>
  new Response(events, {
    status,
    headers: {
      ...API_HEADERS,
      'Cache-Control': 'no-store, no-transform',
      'Content-Type': EVENTS_TYPE,
      'X-Accel-Buffering': 'no',
      ...headers,
    },
  })

function refuseUnknown(): never {
  throw new Refusal('not_found', 'There is no such run, or not any more.')
}

function refuseMore(): never {
  const headers = { 'Retry-After': RETRY_AFTER_S }
  throw new Refusal('limit', 'Too many runs are waiting already. Stop one, or wait until one is over.', {}, headers)
}

function readQuery({ limit, before, q }: Record<string, string>) {
  const asked = Number(limit ?? PAGE.initial)
  if (!Number.isInteger(asked) || asked < 1)
    throw new Refusal('invalid', 'limit must be a whole number from 1.', {
      errors: [{ path: 'limit', message: 'must be a whole number from 1' }],
    })
  return { limit: Math.min(asked, PAGE.most), ...(before ? { before } : {}), ...(q?.trim() ? { q: q.trim() } : {}) }
}

/** Something that is no number of an event was never told: then all of it is. */
const readAfter = (text: string | undefined) => (text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0)
