import { Hono } from 'hono'
import type { Scope } from '../../src/lib/contract/access.ts'
import {
  HEALTH_TYPE,
  type Health,
  type HealthLine,
  type PublicHealth,
} from '../../src/lib/contract/health.ts'
import { callerOf, isSetUp, modelsFor, type Caller } from '../auth/caller.ts'
import { allowMethods } from '../http/methods.ts'
import { isAuthorized, denialFor, statusViewFor } from '../auth/guard.ts'
import { LINES_TYPE, streamResponse } from '../http/stream.ts'
import { HttpProblem, retryAfter } from '../http/problem.ts'
import { unprovenOriginProblem } from '../auth/same-origin.ts'
import { revalidateStream } from '../auth/revalidate-stream.ts'
import type { Config } from '../config.ts'
import { judgeConfiguration } from '../../src/lib/diagnosis/index.ts'
import type { CheckRequest, KeptVerdict } from './port.ts'
import type { Ports } from '../ports.ts'
import { iso } from '../time.ts'

/** A verdict older than this counts as stale. */
export const STALE_AFTER_MS = 120_000

/** `GET /api/health`: 200 for pass and warn, 503 for fail, or always 200 with `?code=200`. */
export function health(ports: Ports) {
  return new Hono()
    .get('/', async (c) => {
      const request = checkRequestFrom(c.req.query())
      const isLines = c.req.header('Accept')?.includes(LINES_TYPE) ?? false
      refuseProbeFromElsewhere(ports, c.req.raw, request, isLines)
      const caller = await callerOf(ports, c.req.raw)
      const seesAll = isAuthorized(caller, scopeFor(request))
      if (seesAll) await spendDeepCheck(ports, caller, request)
      if (seesAll && caller.who !== 'stranger' && isLines)
        return revalidateStream(ports, caller, streamedHealth(ports, request))
      const kept = await verdictFor(ports, caller, request)
      const body = seesAll ? ownerHealth(kept, ports.config) : publicHealth(kept, ports.config)
      const status = body.status === 'fail' && c.req.query('code') !== '200' ? 503 : 200
      return c.body(JSON.stringify(body), status, { 'Content-Type': HEALTH_TYPE })
    })
    .all('/', allowMethods('GET, HEAD'))
}

/** A deep check uses the GPU, just like a run. */
const scopeFor = ({ deep }: CheckRequest): Scope => (deep ? 'runs:write' : 'status:read')

function refuseProbeFromElsewhere(
  { config }: Ports,
  httpRequest: Request,
  { fresh, deep, model }: CheckRequest,
  isLines: boolean,
) {
  const refusal =
    fresh || deep || model || isLines ? unprovenOriginProblem(config, httpRequest) : null
  if (refusal) throw refusal
}

async function spendDeepCheck(ports: Ports, caller: Caller, { deep, model }: CheckRequest) {
  if (
    deep &&
    caller.who === 'token' &&
    caller.models.length > 0 &&
    modelsFor(caller, [{ name: model ?? '' }]).length === 0
  )
    throw new HttpProblem(
      'forbidden',
      `This token may use only ${caller.models.join(', ')}. Name one of them: ?deep=1&model=…`,
    )
  const waitMs = deep && caller.who === 'token' ? await ports.auth.consumeDeepCheck(caller.id) : 0
  if (waitMs === 0) return
  throw new HttpProblem(
    'limit',
    'This token can run a deep check once every five minutes.',
    {},
    retryAfter(waitMs / 1000),
  )
}

const checkRequestFrom = ({ fresh, deep, load, model }: Record<string, string>): CheckRequest => ({
  fresh: fresh === '1',
  deep: deep === '1',
  load: load === '1',
  model: model?.trim() || null,
})

/** Streams the check: a line for each stage of the climb, and last the verdict. The status is always 200. */
function streamedHealth(ports: Ports, request: CheckRequest): Response {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  const encoder = new TextEncoder()
  // The check continues if the client disconnects; only the writing fails.
  const write = (line: HealthLine) =>
    void writer.write(encoder.encode(`${JSON.stringify(line)}\n`)).catch(() => undefined)
  const end = () => void writer.close().catch(() => undefined)
  void ports.diagnosis
    .check(request, (findings) => write({ findings }))
    .then((kept) => write({ verdict: ownerHealth(kept, ports.config) }))
    .finally(end)
  return streamResponse(readable, LINES_TYPE)
}

/** The verdict that this caller may see. Strangers can only start the shared, cheap check. */
export async function verdictFor(
  ports: Ports,
  caller: Caller,
  request: CheckRequest = {},
): Promise<KeptVerdict> {
  const { config } = ports
  const scope = scopeFor(request)
  const view = statusViewFor(caller, config, scope)
  if (view === 'all') return ports.diagnosis.check(request)
  if (!isSetUp(config)) return notSetUpVerdict()
  if (view === 'off') throw denialFor(caller, scope)
  if (request.fresh || request.deep || request.model) throw denialFor(caller, scope)
  return ports.diagnosis.check({})
}

const withoutCheck = (fault: 'owner_key_missing' | 'checker_failed') => (): KeptVerdict => {
  const now = Date.now()
  return {
    verdict: judgeConfiguration(fault, 'deployed'),
    checkedAt: now,
    since: now,
    lastSeen: null,
  }
}

export const notSetUpVerdict = withoutCheck('owner_key_missing')
/** Our own Durable Object did not answer, which says nothing about the home. */
export const blind = withoutCheck('checker_failed')

/** The fault is in Porchlight, not in the home. Without the cause it would look as if the home were down. */
export const isOurFault = ({ cause }: KeptVerdict['verdict']) =>
  cause === 'observer_blind' || cause === 'not_configured'

export function publicHealth(
  { verdict, checkedAt, since }: KeptVerdict,
  { publicStatus }: Config,
): PublicHealth {
  const { status, cause, rung, title } = verdict
  const times = { checkedAt: iso(checkedAt), since: iso(since), staleAfterMs: STALE_AFTER_MS }
  const isCoarse = publicStatus === 'state' && !isOurFault(verdict)
  return isCoarse ? { status, ...times } : { status, cause, rung, title, ...times }
}

export function ownerHealth(
  { verdict, checkedAt, since, lastSeen }: KeptVerdict,
  { demo, wanted }: Config,
): Health {
  return {
    ...verdict,
    checkedAt: iso(checkedAt),
    since: iso(since),
    staleAfterMs: STALE_AFTER_MS,
    demo,
    wanted,
    lastSeen,
  }
}
