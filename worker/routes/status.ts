import { Hono } from 'hono'
import { RESOLUTIONS, type SlotState } from '../../src/lib/contract/history.ts'
import {
  MINUTES_A_SLOT,
  type Day,
  type FlatStatus,
  type Slot,
  type StatusBrief,
  type StatusSnapshot,
} from '../../src/lib/contract/status.ts'
import { callerOf, isUnowned, type Caller } from '../access/caller.ts'
import { only } from '../access/methods.ts'
import { mayPass, refusalOf, requires } from '../access/owner.ts'
import type { KeptVerdict, Ports } from '../ports.ts'
import { ownerHealth, publicHealth, STALE_AFTER_MS, unowned, verdictFor } from './health.ts'

/** `/api/status…`: what the page shows, and the same for programs that only pull. */
export function status(ports: Ports) {
  return new Hono()
    .get('/status', async (c) => c.json<StatusSnapshot>(await snapshotFor(ports, await callerOf(ports, c.req.raw))))
    .all('/status', only('GET, HEAD'))
    .get('/status/brief', async (c) => {
      const body = JSON.stringify(await briefFor(ports, await callerOf(ports, c.req.raw)))
      const etag = `"${await digest(body)}"`
      const headers = { ETag: etag, 'Content-Type': 'application/json' }
      return c.req.header('If-None-Match') === etag ? c.body(null, 304, headers) : c.body(body, 200, headers)
    })
    .all('/status/brief', only('GET, HEAD'))
    .get('/status.txt', async (c) => {
      const caller = await callerOf(ports, c.req.raw)
      const { verdict, checkedAt } = await verdictFor(ports, caller)
      const isTold = mayPass(caller, 'status:read') || ports.config.publicStatus === 'cause'
      return c.text(`${verdict.status} ${isTold ? verdict.cause : '-'} ${new Date(checkedAt).toISOString()}\n`)
    })
    .all('/status.txt', only('GET, HEAD'))
    .get('/status/flat', requires(ports, 'status:read'), async (c) => c.json<FlatStatus>(flat(await ports.check({}))))
    .all('/status/flat', only('GET, HEAD'))
}

/** Whether the page still holds, in a few words: asked every half minute while somebody looks. */
async function briefFor(ports: Ports, caller: Caller): Promise<StatusBrief> {
  const { config } = ports
  const isOwner = caller.who === 'owner'
  if (!isOwner && config.publicStatus === 'off') throw refusalOf(caller)
  const kept = isUnowned(config) ? unowned() : await ports.latest()
  const viewer = isOwner ? 'owner' : 'public'
  if (kept === null) return { viewer }
  const { status, cause, checkedAt, since } = publicHealth(kept, config)
  const known = isOwner ? kept.verdict.cause : cause
  return { viewer, status, ...(known === undefined ? {} : { cause: known }), checkedAt, since }
}

async function digest(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return [...bytes.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** What is known without asking the home: a page must not wait for a home that does not answer. */
async function snapshotFor(ports: Ports, caller: Caller): Promise<StatusSnapshot> {
  const { config } = ports
  const isOwner = caller.who === 'owner'
  if (!isOwner && config.publicStatus === 'off') throw refusalOf(caller)
  if (isUnowned(config)) return { v: 1, viewer: 'public', health: publicHealth(unowned(), config), days: [] }
  const now = Date.now()
  const [kept, days] = await Promise.all([ports.latest(), daysUpTo(ports, now)])
  if (!isOwner) return { v: 1, viewer: 'public', health: kept && publicHealth(kept, config), days }
  const [day, { incidents }, queue, { today }] = await Promise.all([
    ports.monitor.history('minute', ...lastDay(now)),
    ports.monitor.incidents({ limit: INCIDENTS_SHOWN }),
    ports.queue.read(),
    ports.monitor.watch(),
  ])
  return {
    v: 1,
    viewer: 'owner',
    health: kept && ownerHealth(kept, config),
    days,
    hours: slotsOf(day.state),
    quick: { p50: day.all.p50, p95: day.all.p95 },
    incidents: incidents.map(({ title, cause, startedAt: from, endedAt: to }) => ({ title, cause, from, to })),
    atHome: {
      running: queue.entries.filter(({ place }) => place === 0).length,
      waiting: queue.entries.filter(({ place }) => place > 0).length,
      meter: { rowsWritten: today.rowsWritten, rowsAllowed: today.rowsAllowed, requests: today.requestsToHome },
    },
  }
}

const DAYS_SHOWN = 90
const INCIDENTS_SHOWN = 10
const { minute: MINUTE_MS, day: DAY_MS } = RESOLUTIONS

async function daysUpTo({ monitor }: Ports, now: number): Promise<Day[]> {
  const to = (Math.floor(now / DAY_MS) + 1) * DAY_MS
  const { t, uptime, seen } = await monitor.history('day', to - DAYS_SHOWN * DAY_MS, to)
  return t.map((at, nth) => ({ day: at.slice(0, 10), up: uptime[nth] ?? null, observed: seen[nth] ?? 0 }))
}

function lastDay(now: number): [number, number] {
  const to = Math.floor(now / MINUTE_MS) * MINUTE_MS
  return [to - DAY_MS, to]
}

/** What a stretch of minutes is shown as: the worst that was seen in it. */
function slotsOf(states: readonly (SlotState | null)[]): Slot[] {
  const slots: Slot[] = []
  for (let from = 0; from < states.length; from += MINUTES_A_SLOT) {
    const seen = new Set(states.slice(from, from + MINUTES_A_SLOT))
    slots.push(seen.has('down') ? 'd' : seen.has('degraded') ? 's' : seen.has('up') || seen.has('blip') ? 'u' : '-')
  }
  return slots
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
    checked_at: new Date(checkedAt).toISOString(),
    since: new Date(since).toISOString(),
    age_s: Math.round(age / 1000),
    stale: isStale,
    version,
    models: models?.length ?? null,
  }
}
