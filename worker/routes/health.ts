import { Hono } from 'hono'
import { HEALTH_TYPE, type Health, type PublicHealth } from '../../src/lib/contract/health.ts'
import { callerOf, type Caller } from '../access/caller.ts'
import { only } from '../access/methods.ts'
import type { Config } from '../config.ts'
import { judgeConfiguration } from '../../src/lib/diagnosis/index.ts'
import type { CheckRequest, KeptVerdict, Ports } from '../ports.ts'

/** How long an answer may be believed. ms. */
export const STALE_AFTER_MS = 120_000

const iso = (ms: number) => new Date(ms).toISOString()

/** `GET /api/health`: the centre of the contract. 200 for pass and warn, 503 for fail; `?code=200` for pages and pollers. */
export function health(ports: Ports) {
  return new Hono()
    .get('/', async (c) => {
      const caller = callerOf(ports.config, c.req.raw)
      const { fresh, model, code } = c.req.query()
      const asked: CheckRequest = { fresh: fresh === '1', model: model?.trim() || null }
      const kept = await verdictFor(ports, caller, asked)
      const body = caller.who === 'owner' ? ownerHealth(kept, ports.config) : publicHealth(kept, ports.config)
      const status = body.status === 'fail' && code !== '200' ? 503 : 200
      return c.body(JSON.stringify(body), status, { 'Content-Type': HEALTH_TYPE })
    })
    .all('/', only('GET, HEAD'))
}

/** The verdict that this caller may see. Strangers never make the home be asked for anything but the shared cheap probe. */
export async function verdictFor(ports: Ports, caller: Caller, asked: CheckRequest = {}): Promise<KeptVerdict> {
  const { config } = ports
  if (caller.who === 'owner') return ports.check(asked)
  if (config.runtime === 'deployed' && !config.hasOwnerKey) return unowned()
  if (config.publicStatus === 'off') throw caller.why
  if (asked.fresh || asked.model) throw caller.why
  return ports.check({})
}

export function unowned(): KeptVerdict {
  const now = Date.now()
  return { verdict: judgeConfiguration('owner_key_missing', 'deployed'), checkedAt: now, since: now, lastSeen: null }
}

function publicHealth({ verdict, checkedAt, since }: KeptVerdict, { publicStatus }: Config): PublicHealth {
  const { status, cause, rung, title } = verdict
  const times = { checkedAt: iso(checkedAt), since: iso(since), staleAfterMs: STALE_AFTER_MS }
  return publicStatus === 'state' ? { status, ...times } : { status, cause, rung, title, ...times }
}

function ownerHealth({ verdict, checkedAt, since, lastSeen }: KeptVerdict, { demo, wanted }: Config): Health {
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
