import { Hono } from 'hono'
import {
  MAX_SLOTS,
  RESOLUTIONS,
  type History,
  type IncidentList,
  type PublicHistory,
  type Resolution,
  type Watch,
} from '../../src/lib/contract/history.ts'
import { callerOf, isSetUp } from '../auth/caller.ts'
import { allowMethods } from '../http/methods.ts'
import { denialFor, requires, statusViewFor } from '../auth/guard.ts'
import { HttpProblem } from '../http/problem.ts'
import { publicHistory } from './history-response.ts'
import type { Ports } from '../ports.ts'

/** Slots up to now, if the request has no `from`. */
const DEFAULT_SLOTS = { minute: 24 * 60, hour: 30 * 24, day: 90 } as const satisfies Record<
  Resolution,
  number
>
const PAGE = { initial: 20, most: 100 } as const

/** `GET /api/history`: the state of the home over time. Days are as public as the status page. */
export function history(ports: Ports) {
  return new Hono()
    .get('/', async (c) => {
      const caller = await callerOf(ports, c.req.raw)
      const isDay = c.req.query('res') === 'day'
      const view = statusViewFor(caller, ports.config, 'status:read')
      const isPublic = isDay && isSetUp(ports.config) && view !== 'off'
      if (caller.who !== 'owner' && !isPublic) throw denialFor(caller)
      const { res, from, to } = readRange(c.req.query(), Date.now())
      const full = await ports.monitoring.history(res, from, to)
      if (caller.who === 'owner') return c.json<History>(full)
      return c.json<PublicHistory>(publicHistory(full, ports.config.publicStatus !== 'state'))
    })
    .all('/', allowMethods('GET, HEAD'))
}

/** `GET /api/incidents`, and the failed checks behind them. */
export function incidents(ports: Ports) {
  return new Hono()
    .get('/', requires(ports, 'status:read'), async (c) =>
      c.json<IncidentList>(await ports.monitoring.incidents(readPage(c.req.query()))),
    )
    .all('/', allowMethods('GET, HEAD'))
    .get('/failures', requires(ports), async (c) =>
      c.body(await ports.monitoring.failures(), 200, { 'Content-Type': 'application/json' }),
    )
    .all('/failures', allowMethods('GET, HEAD'))
}

/** `GET /api/monitor`: the current state, and what monitoring costs. */
export function monitor(ports: Ports) {
  return new Hono()
    .get('/', requires(ports), async (c) => c.json<Watch>(await ports.monitoring.status()))
    .all('/', allowMethods('GET, HEAD'))
}

const isResolution = (text: string): text is Resolution => Object.hasOwn(RESOLUTIONS, text)

/** The requested range, extended to slot boundaries. */
function readRange(query: Record<string, string>, now: number) {
  const res = query.res ?? 'hour'
  if (!isResolution(res)) refuse('res', `must be one of ${Object.keys(RESOLUTIONS).join(', ')}`)
  const stepMs = RESOLUTIONS[res]
  const to = Math.ceil((readTime('to', query.to) ?? now + 1) / stepMs) * stepMs
  const from =
    Math.floor((readTime('from', query.from) ?? to - DEFAULT_SLOTS[res] * stepMs) / stepMs) * stepMs
  if (from >= to) refuse('from', 'must be before to')
  if ((to - from) / stepMs > MAX_SLOTS)
    refuse(
      'from',
      `is more than ${MAX_SLOTS.toLocaleString('en')} slots before to: request a shorter range or a coarser res`,
    )
  return { res, from, to }
}

const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/

/** A day without a time means its start, UTC. */
function readTime(path: string, text: string | undefined): number | null {
  if (text === undefined) return null
  const time = TIME.test(text) ? Date.parse(text) : NaN
  if (!(time >= 0))
    refuse(path, 'must be a time such as 2026-11-24T08:00:00Z, or a day such as 2026-11-24')
  return time
}

function readPage({ limit, before }: Record<string, string>) {
  const count = readCount('limit', limit) ?? PAGE.initial
  const number = readCount('before', before)
  return { limit: Math.min(count, PAGE.most), ...(number === null ? {} : { before: number }) }
}

function readCount(path: string, text: string | undefined): number | null {
  if (text === undefined) return null
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1) refuse(path, 'must be a whole number from 1')
  return Number(text)
}

function refuse(path: string, message: string): never {
  throw new HttpProblem('invalid', `${path} ${message}.`, { errors: [{ path, message }] })
}
