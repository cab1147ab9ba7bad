import { Hono } from 'hono'
import type { Scope } from '../../src/lib/contract/access.ts'
import {
  HEALTH_TYPE,
  type Health,
  type HealthLine,
  type PublicHealth,
} from '../../src/lib/contract/health.ts'
import { callerOf, isUnowned, modelsFor, type Caller } from '../auth/caller.ts'
import { only } from '../http/methods.ts'
import { mayPass, denialFor } from '../auth/guard.ts'
import { HttpProblem, retryAfter } from '../http/problem.ts'
import { refuseUnproven } from '../auth/same-origin.ts'
import { whileKnown } from '../auth/revalidate-stream.ts'
import type { Config } from '../config.ts'
import { judgeConfiguration } from '../../src/lib/diagnosis/index.ts'
import type { CheckRequest, KeptVerdict } from './port.ts'
import type { Ports } from '../ports.ts'
import { iso } from '../time.ts'

/** How long an answer may be believed. ms. */
export const STALE_AFTER_MS = 120_000

/** `GET /api/health`: the centre of the contract. 200 for pass and warn, 503 for fail; `?code=200` for pages and pollers. */
export function health(ports: Ports) {
  return new Hono()
    .get('/', async (c) => {
      const asked = askedBy(c.req.query())
      const isLines = c.req.header('Accept')?.includes(LINES_TYPE) ?? false
      refuseProbeFromElsewhere(ports, c.req.raw, asked, isLines)
      const caller = await callerOf(ports, c.req.raw)
      const seesAll = mayPass(caller, scopeFor(asked))
      if (seesAll) await spendDeepCheck(ports, caller, asked)
      if (seesAll && caller.who !== 'stranger' && isLines)
        return whileKnown(ports, caller, told(ports, asked))
      const kept = await verdictFor(ports, caller, asked)
      const body = seesAll ? ownerHealth(kept, ports.config) : publicHealth(kept, ports.config)
      const status = body.status === 'fail' && c.req.query('code') !== '200' ? 503 : 200
      return c.body(JSON.stringify(body), status, { 'Content-Type': HEALTH_TYPE })
    })
    .all('/', only('GET, HEAD'))
}

/** A deep check spends the GPU as a run does. */
const scopeFor = ({ deep }: CheckRequest): Scope => (deep ? 'runs:write' : 'status:read')

function refuseProbeFromElsewhere(
  { config }: Ports,
  request: Request,
  asked: CheckRequest,
  isLines: boolean,
) {
  const refusal =
    asked.fresh || asked.deep || asked.model || isLines ? refuseUnproven(config, request) : null
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
      `This token may ask ${caller.models.join(', ')} alone. Name one: ?deep=1&model=…`,
    )
  const waitMs = deep && caller.who === 'token' ? await ports.auth.takeDeepCheck(caller.id) : 0
  if (waitMs === 0) return
  throw new HttpProblem(
    'limit',
    'This token can run a deep check once every five minutes.',
    {},
    retryAfter(waitMs / 1000),
  )
}

const LINES_TYPE = 'application/x-ndjson'

const askedBy = ({ fresh, deep, load, model }: Record<string, string>): CheckRequest => ({
  fresh: fresh === '1',
  deep: deep === '1',
  load: load === '1',
  model: model?.trim() || null,
})

/** The same for somebody who watches: a line for each stage of the climb, the verdict last. Always 200: it has begun. */
function told(ports: Ports, asked: CheckRequest): Response {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  const encoder = new TextEncoder()
  // Who has left is not written to any more; the check ends all the same.
  const write = (line: HealthLine) =>
    void writer.write(encoder.encode(`${JSON.stringify(line)}\n`)).catch(() => undefined)
  const end = () => void writer.close().catch(() => undefined)
  void ports.diagnosis
    .check(asked, (findings) => write({ findings }))
    .then((kept) => write({ verdict: ownerHealth(kept, ports.config) }))
    .finally(end)
  return new Response(readable, {
    headers: { 'Content-Type': LINES_TYPE, 'Cache-Control': 'no-store, no-transform' },
  })
}

/** The verdict that this caller may see. Strangers never make the home be asked for anything but the shared cheap probe. */
export async function verdictFor(
  ports: Ports,
  caller: Caller,
  asked: CheckRequest = {},
): Promise<KeptVerdict> {
  const { config } = ports
  const scope = scopeFor(asked)
  if (mayPass(caller, scope)) return ports.diagnosis.check(asked)
  if (isUnowned(config)) return unowned()
  if (config.publicStatus === 'off') throw denialFor(caller, scope)
  if (asked.fresh || asked.deep || asked.model) throw denialFor(caller, scope)
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

export const unowned = withoutCheck('owner_key_missing')
/** Our own object did not answer, which says nothing of the home. */
export const blind = withoutCheck('checker_failed')

/** What is wrong is wrong here. That says nothing of the home, and without its cause it would read as if the home were down. */
export const isOurs = ({ cause }: KeptVerdict['verdict']) =>
  cause === 'observer_blind' || cause === 'not_configured'

export function publicHealth(
  { verdict, checkedAt, since }: KeptVerdict,
  { publicStatus }: Config,
): PublicHealth {
  const { status, cause, rung, title } = verdict
  const times = { checkedAt: iso(checkedAt), since: iso(since), staleAfterMs: STALE_AFTER_MS }
  const isCoarse = publicStatus === 'state' && !isOurs(verdict)
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
