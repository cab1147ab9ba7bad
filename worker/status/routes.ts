import { Hono } from 'hono'
import type { FlatStatus, StatusSnapshot } from '../../src/lib/contract/status.ts'
import { callerOf } from '../auth/caller.ts'
import { allowMethods } from '../http/methods.ts'
import { requires, statusViewFor } from '../auth/guard.ts'
import type { KeptVerdict } from '../diagnosis/port.ts'
import type { Ports } from '../ports.ts'
import { isOurFault, STALE_AFTER_MS, verdictFor } from '../diagnosis/health-routes.ts'
import { briefFor, snapshotFor } from './snapshot.ts'
import { hex } from '../encoding.ts'
import { iso } from '../time.ts'

/** `/api/status…`: the content of the status page, also in formats for scripts. */
export function status(ports: Ports) {
  return new Hono()
    .get('/status', async (c) =>
      c.json<StatusSnapshot>(await snapshotFor(ports, await callerOf(ports, c.req.raw))),
    )
    .all('/status', allowMethods('GET, HEAD'))
    .get('/status/brief', async (c) => {
      const body = JSON.stringify(await briefFor(ports, await callerOf(ports, c.req.raw)))
      const etag = `"${await digest(body)}"`
      const headers = { ETag: etag, 'Content-Type': 'application/json' }
      return c.req.header('If-None-Match') === etag
        ? c.body(null, 304, headers)
        : c.body(body, 200, headers)
    })
    .all('/status/brief', allowMethods('GET, HEAD'))
    .get('/status.txt', async (c) => {
      const caller = await callerOf(ports, c.req.raw)
      const { verdict, checkedAt } = await verdictFor(ports, caller)
      const view = statusViewFor(caller, ports.config, 'status:read')
      const showsCause = view === 'all' || view === 'cause' || isOurFault(verdict)
      return c.text(`${verdict.status} ${showsCause ? verdict.cause : '-'} ${iso(checkedAt)}\n`)
    })
    .all('/status.txt', allowMethods('GET, HEAD'))
    .get('/status/flat', requires(ports, 'status:read'), async (c) =>
      c.json<FlatStatus>(flat(await ports.diagnosis.check({}))),
    )
    .all('/status/flat', allowMethods('GET, HEAD'))
}

async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return hex(bytes.slice(0, 8))
}

function flat({ verdict, checkedAt, since }: KeptVerdict): FlatStatus {
  const { status, cause, reason, title, summary, version, models } = verdict
  const age = Math.max(0, Date.now() - checkedAt)
  const isStale = age > STALE_AFTER_MS
  const isBlind = cause === 'observer_blind'
  const ok = isStale || isBlind ? null : status !== 'fail'
  return {
    ok,
    state: ok === null ? 'unknown' : ok ? 'on' : 'off',
    ...{ status, cause, reason, title },
    text: summary,
    checked_at: iso(checkedAt),
    since: iso(since),
    age_s: Math.round(age / 1000),
    stale: isStale,
    version,
    models: models?.length ?? null,
  }
}
