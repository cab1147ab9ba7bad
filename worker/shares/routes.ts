import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { EVENTS_TYPE } from '../../src/lib/contract/runs.ts'
import {
  CLICK_HEADER,
  DEAD_LINK,
  GuestRequest,
  NewShare,
  OpenShare,
  ShareChange,
  type OpenedShare,
  type SharedView,
  type ShareInfo,
} from '../../src/lib/contract/shares.ts'
import { bodyGuard, jsonBody, publicBodyGuard } from '../http/body.ts'
import { callerOf, starterOf, type IdentifiedCaller } from '../auth/caller.ts'
import { randomText, sha256 } from '../auth/credential.ts'
import { eventsForGuest } from '../runs/guest-view.ts'
import { allowMethods } from '../http/methods.ts'
import { requires } from '../auth/guard.ts'
import { HttpProblem, retryAfter } from '../http/problem.ts'
import { clientNetworkOf } from '../http/client-network.ts'
import type { Ports } from '../ports.ts'
import type { OpenResult } from './port.ts'
import { eventsOf, locationOf } from '../runs/routes.ts'
import { randomId } from '../encoding.ts'

const SECRET_BYTES = 20
const SESSION_BYTES = 32
const ID_CHARS = 10
const RETRY_AFTER_S = 60

/** `/api/shares`: shared runs, and the runs that guests start with them. */
export function shares(ports: Ports) {
  const owner = requires(ports)
  const guest = requiresGuest(ports)
  return new Hono()
    .get('/', owner, async (c) =>
      c.json<{ shares: ShareInfo[] }>({ shares: await ports.shares.list() }),
    )
    .post('/', owner, bodyGuard, jsonBody(NewShare), async (c) =>
      c.json<{ id: string; url: string }, 201>(
        await create(ports, c.req.valid('json'), c.req.url),
        201,
      ),
    )
    .all('/', allowMethods('GET, HEAD, POST'))
    .patch('/:id', owner, bodyGuard, jsonBody(ShareChange), async (c) => {
      await change(ports, c.req.param('id'), c.req.valid('json'))
      return c.body(null, 204)
    })
    .delete('/:id', owner, async (c) => {
      if (!(await ports.shares.revoke(c.req.param('id')))) throw unknownLink()
      return c.body(null, 204)
    })
    .all('/:id', allowMethods('PATCH, DELETE'))
    .get('/:id/title', async (c) =>
      c.json<{ title: string }>({ title: await ports.shares.title(c.req.param('id')) }),
    )
    .all('/:id/title', allowMethods('GET, HEAD'))
    .post('/:id/open', publicBodyGuard, jsonBody(OpenShare), async (c) =>
      c.json<OpenedShare>(
        await open(ports, c.req.param('id'), c.req.valid('json').secret, c.req.raw),
      ),
    )
    .all('/:id/open', allowMethods('POST'))
    .post('/:id/runs', guest, publicBodyGuard, jsonBody(GuestRequest), async (c) =>
      start(ports, c.var.caller, c.req.valid('json'), c.req.raw.headers),
    )
    .get('/:id/pass', guest, async (c) =>
      c.json<{ runsLeft: number }>({ runsLeft: await ports.shares.runsLeft(c.var.caller.share) }),
    )
    .all('/:id/pass', allowMethods('GET, HEAD'))
    .all('/:id/runs', allowMethods('POST'))
}

async function create(ports: Ports, request: NewShare, url: string) {
  const secret = randomText(SECRET_BYTES)
  const id = randomId(ID_CHARS)
  const result = await ports.shares.create({ id, hash: await sha256(secret) }, request)
  if (result === 'unknown')
    throw new HttpProblem('not_found', 'One of the runs does not exist. It may have been deleted.')
  if (result === 'unfinished')
    throw new HttpProblem('conflict', 'One of the runs is not finished yet. Share it when it is.')
  if (result === 'too_large')
    throw new HttpProblem(
      'too_large',
      'These runs are too large for one link. Share fewer runs, or leave out the images.',
    )
  const base = ports.config.lan.url ?? url
  return { id, url: `${new URL(`/s/${id}`, base).href}#${secret}` }
}

async function change(ports: Ports, id: string, request: ShareChange) {
  const result = await ports.shares.change(id, request)
  if (result === 'unknown') throw unknownLink()
  if (result === 'no_pass')
    throw new HttpProblem(
      'conflict',
      'This link was created for reading only, so there is nothing to run. Create a new link.',
    )
}

async function open(
  ports: Ports,
  id: string,
  secret: string,
  request: Request,
): Promise<OpenedShare> {
  const ticket = randomText(SESSION_BYTES)
  const [hash, session] = await Promise.all([sha256(secret), sha256(ticket)])
  const network = clientNetworkOf(ports.config, request)
  const opened = await ports.shares.open({ id, hash, session, network })
  if (typeof opened === 'string') throw OPEN_PROBLEMS[opened]()
  return { ticket, share: JSON.parse(opened.view) as SharedView }
}

const OPEN_PROBLEMS = {
  wrong: () => new HttpProblem('not_found', DEAD_LINK),
  too_often: () =>
    new HttpProblem(
      'limit',
      'Too many attempts. Wait a minute, then open the link again.',
      {},
      retryAfter(RETRY_AFTER_S),
    ),
  expired: () => new HttpProblem('not_found', 'This link has expired.', { status: 410 }),
  revoked: () => new HttpProblem('not_found', 'The owner has revoked this link.', { status: 410 }),
} as const satisfies Record<Extract<OpenResult, string>, () => HttpProblem>

type IdentifiedGuest = IdentifiedCaller & { who: 'guest' }

/** Runs before the body is read. A guest session is valid for its own share only. */
const requiresGuest = (ports: Ports) =>
  createMiddleware<{ Variables: { caller: IdentifiedGuest } }>(async (c, next) => {
    const caller = await callerOf(ports, c.req.raw)
    if (caller.who === 'stranger') throw caller.why
    if (caller.who !== 'guest' || caller.share !== c.req.param('id'))
      throw new HttpProblem('forbidden', 'This requires a guest session. Open the link again.')
    c.set('caller', caller)
    await next()
  })

async function start(
  ports: Ports,
  guest: IdentifiedGuest,
  request: GuestRequest,
  headers: Headers,
): Promise<Response> {
  const idempotencyKey = headers.get(CLICK_HEADER)?.slice(0, 100) ?? crypto.randomUUID()
  const started = await ports.shares.start(guest.share, guest.session, request, idempotencyKey)
  if ('problem' in started) {
    const { code, detail, ...more } = started.problem
    throw new HttpProblem(code, detail, more, code === 'limit' ? retryAfter(RETRY_AFTER_S) : {})
  }
  if (!headers.get('accept')?.includes(EVENTS_TYPE))
    return Response.json(started, { status: 201, headers: locationOf(started) })
  const events = await ports.runs.watch(started.id, 0, starterOf(guest), guest.credential)
  if (!events) throw unknownLink()
  return eventsOf(eventsForGuest(events, guest.show), 201, locationOf(started))
}

const unknownLink = () => new HttpProblem('not_found', 'No such link. It may have expired.')
