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
import { bodyGuard, jsonBody, strangersBodyGuard } from '../http/body.ts'
import { callerOf, starterOf, type KnownCaller } from '../auth/caller.ts'
import { randomText, sha256 } from '../auth/credential.ts'
import { eventsForGuest } from '../runs/guest-view.ts'
import { only } from '../http/methods.ts'
import { requires } from '../auth/guard.ts'
import { HttpProblem, retryAfter } from '../http/problem.ts'
import { clientNetworkOf } from '../http/client-network.ts'
import type { Ports } from '../ports.ts'
import { eventsOf, locationOf } from '../runs/routes.ts'
import { randomId } from '../encoding.ts'

const SECRET_BYTES = 20
const TICKET_BYTES = 32
const ID_CHARS = 10
const RETRY_AFTER_S = 60

/** Runs that are shown to others, and the right to run them again. */
export function shares(ports: Ports) {
  const owner = requires(ports)
  const guest = isGuest(ports)
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
    .all('/', only('GET, HEAD, POST'))
    .patch('/:id', owner, bodyGuard, jsonBody(ShareChange), async (c) => {
      await change(ports, c.req.param('id'), c.req.valid('json'))
      return c.body(null, 204)
    })
    .delete('/:id', owner, async (c) => {
      if (!(await ports.shares.revoke(c.req.param('id')))) refuseUnknown()
      return c.body(null, 204)
    })
    .all('/:id', only('PATCH, DELETE'))
    .get('/:id/title', async (c) =>
      c.json<{ title: string }>({ title: await ports.shares.title(c.req.param('id')) }),
    )
    .all('/:id/title', only('GET, HEAD'))
    .post('/:id/open', strangersBodyGuard, jsonBody(OpenShare), async (c) =>
      c.json<OpenedShare>(
        await open(ports, c.req.param('id'), c.req.valid('json').secret, c.req.raw),
      ),
    )
    .all('/:id/open', only('POST'))
    .post('/:id/runs', guest, strangersBodyGuard, jsonBody(GuestRequest), async (c) =>
      start(ports, c.var.caller, c.req.valid('json'), c.req.raw.headers),
    )
    .get('/:id/pass', guest, async (c) =>
      c.json<{ runsLeft: number }>({ runsLeft: await ports.shares.runsLeft(c.var.caller.share) }),
    )
    .all('/:id/pass', only('GET, HEAD'))
    .all('/:id/runs', only('POST'))
}

async function create(ports: Ports, asked: NewShare, url: string) {
  const secret = randomText(SECRET_BYTES)
  const id = randomId(ID_CHARS)
  const result = await ports.shares.create({ id, hash: await sha256(secret) }, asked)
  if (result === 'unknown')
    throw new HttpProblem('not_found', 'One of the runs does not exist. It may have been deleted.')
  if (result === 'unfinished')
    throw new HttpProblem('conflict', 'One of the runs is not finished yet. Share it when it is.')
  if (result === 'too_large')
    throw new HttpProblem(
      'too_large',
      'These runs are too large for one link. Share fewer, or without images.',
    )
  const base = ports.config.lan.url ?? url
  return { id, url: `${new URL(`/s/${id}`, base).href}#${secret}` }
}

async function change(ports: Ports, id: string, asked: ShareChange) {
  const result = await ports.shares.change(id, asked)
  if (result === 'unknown') refuseUnknown()
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
  const ticket = randomText(TICKET_BYTES)
  const [hash, ticketHash] = await Promise.all([sha256(secret), sha256(ticket)])
  const opened = await ports.shares.open({
    id,
    hash,
    ticket: ticketHash,
    source: clientNetworkOf(ports.config, request),
  })
  if (opened === 'wrong') throw new HttpProblem('not_found', DEAD_LINK)
  if (opened === 'too_often')
    throw new HttpProblem(
      'limit',
      'Too many attempts. Wait a minute, then open the link again.',
      {},
      retryAfter(RETRY_AFTER_S),
    )
  if (opened === 'expired')
    throw new HttpProblem('not_found', 'This link has expired.', { status: 410 })
  if (opened === 'revoked')
    throw new HttpProblem('not_found', 'The owner has revoked this link.', { status: 410 })
  return { ticket, share: JSON.parse(opened.view) as SharedView }
}

type KnownGuest = KnownCaller & { who: 'guest' }

/** Before a body is looked at: whose ticket it is. A ticket opens its own share alone. */
const isGuest = (ports: Ports) =>
  createMiddleware<{ Variables: { caller: KnownGuest } }>(async (c, next) => {
    const caller = await callerOf(ports, c.req.raw)
    if (caller.who === 'stranger') throw caller.why
    if (caller.who !== 'guest' || caller.share !== c.req.param('id'))
      throw new HttpProblem('forbidden', 'This requires a guest session. Open the link again.')
    c.set('caller', caller)
    await next()
  })

async function start(
  ports: Ports,
  guest: KnownGuest,
  request: GuestRequest,
  headers: Headers,
): Promise<Response> {
  const click = headers.get(CLICK_HEADER)?.slice(0, 100) ?? crypto.randomUUID()
  const started = await ports.shares.start(guest.share, guest.ticket, request, click)
  if ('problem' in started) {
    const { code, detail, ...more } = started.problem
    throw new HttpProblem(code, detail, more, code === 'limit' ? retryAfter(RETRY_AFTER_S) : {})
  }
  if (!headers.get('accept')?.includes(EVENTS_TYPE))
    return Response.json(started, { status: 201, headers: locationOf(started) })
  const events = await ports.runs.watch(started.id, 0, starterOf(guest), guest.credential)
  return events
    ? eventsOf(eventsForGuest(events, guest.show), 201, locationOf(started))
    : refuseUnknown()
}

function refuseUnknown(): never {
  throw new HttpProblem('not_found', 'No such link. It may have expired.')
}
