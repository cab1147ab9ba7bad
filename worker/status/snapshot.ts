import { RESOLUTIONS, type Maintenance } from '../../src/lib/contract/history.ts'
import { SLOT_LETTERS, type SlotLetter, type SlotState } from '../../src/lib/contract/slots.ts'
import {
  MINUTES_A_SLOT,
  type AtHome,
  type Day,
  type StatusBrief,
  type StatusSnapshot,
} from '../../src/lib/contract/status.ts'
import { isSetUp, type Caller } from '../auth/caller.ts'
import { denialFor, statusViewFor } from '../auth/guard.ts'
import { log } from '../log.ts'
import type { KeptVerdict } from '../diagnosis/port.ts'
import type { Ports } from '../ports.ts'
import { exposureReport } from '../diagnosis/exposure-routes.ts'
import { ownerHealth, publicHealth, notSetUpVerdict } from '../diagnosis/health-routes.ts'

const DAYS_SHOWN = 90
const INCIDENTS_SHOWN = 10
const { minute: MINUTE_MS, day: DAY_MS } = RESOLUTIONS

/** A part that fails must not take the page with it. */
const orElse = async <Value, Instead>(load: () => Promise<Value>, instead: Instead) => {
  try {
    return await load()
  } catch (error) {
    log({ code: 'internal', error })
    return instead
  }
}

/** Without a request to the home: the page must not wait for a home that does not respond. */
export async function snapshotFor(ports: Ports, caller: Caller): Promise<StatusSnapshot> {
  const { config } = ports
  const isOwner = caller.who === 'owner'
  if (statusViewFor(caller, config) === 'off') throw denialFor(caller)
  if (!isSetUp(config))
    return {
      v: 1,
      viewer: 'public',
      health: publicHealth(notSetUpVerdict(), config),
      days: [],
      maintenance: null,
    }
  const now = Date.now()
  const [kept, days, watch] = await Promise.all([
    ports.diagnosis.latest(),
    orElse(() => daysUpTo(ports, now), []),
    orElse(() => ports.monitoring.status(), null),
  ])
  const common = { v: 1, days, maintenance: ongoing(watch?.maintenance ?? null, now) } as const
  if (!isOwner) return { ...common, viewer: 'public', health: kept && publicHealth(kept, config) }
  const [day, { incidents }, atHome, exposure] = await Promise.all([
    orElse(() => ports.monitoring.history('minute', ...lastDay(now)), null),
    orElse(() => ports.monitoring.incidents({ limit: INCIDENTS_SHOWN }), { incidents: [] }),
    orElse(() => atHomeNow(ports, watch?.today ?? null), null),
    orElse(() => ports.exposure.kept(), null),
  ])
  return {
    ...common,
    viewer: 'owner',
    health: kept && ownerHealth(kept, config),
    hours: day ? lettersOf(day.state) : [],
    uptime: day?.all.uptime ?? null,
    quick: { p50: day?.all.p50 ?? null, p95: day?.all.p95 ?? null },
    incidents: incidents.map(({ title, cause, level, startedAt: from, endedAt: to }) => ({
      title,
      cause,
      level,
      from,
      to,
    })),
    atHome,
    exposure: exposure && exposureReport(config, exposure, kept),
  }
}

/** Whether the page is still current, in a few words: pages poll it every half minute. */
export async function briefFor(ports: Ports, caller: Caller): Promise<StatusBrief> {
  const { config } = ports
  const isOwner = caller.who === 'owner'
  if (statusViewFor(caller, config) === 'off') throw denialFor(caller)
  const viewer = isOwner ? 'owner' : 'public'
  const { kept, maintenance } = await currentState(ports)
  const until = maintenance === null ? {} : { maintenance: maintenance.to }
  if (kept === null) return { viewer, ...until }
  const { status, cause, checkedAt, since } = publicHealth(kept, config)
  const visible = isOwner ? kept.verdict.cause : cause
  return {
    viewer,
    status,
    ...(visible === undefined ? {} : { cause: visible }),
    checkedAt,
    since,
    ...until,
  }
}

/** The last verdict and the current maintenance, without a request to the home. */
export async function currentState(
  ports: Ports,
): Promise<{ kept: KeptVerdict | null; maintenance: Maintenance | null }> {
  if (!isSetUp(ports.config)) return { kept: notSetUpVerdict(), maintenance: null }
  const [kept, watch] = await Promise.all([
    ports.diagnosis.latest(),
    orElse(() => ports.monitoring.status(), null),
  ])
  return { kept, maintenance: ongoing(watch?.maintenance ?? null, Date.now()) }
}

/** Maintenance that has not started yet is not shown. */
const ongoing = (maintenance: Maintenance | null, now: number): Maintenance | null =>
  maintenance !== null && Date.parse(maintenance.from) <= now && now < Date.parse(maintenance.to)
    ? maintenance
    : null

async function atHomeNow(ports: Ports, today: AtHome['meter'] | null): Promise<AtHome> {
  const { entries, reading } = await ports.runQueue.read()
  return {
    running: entries
      .filter(({ place }) => place === 0)
      .map(({ lane, model, since }) => ({ lane, model, since })),
    waiting: entries.filter(({ place }) => place > 0).length,
    reading,
    meter: today,
  }
}

async function daysUpTo(ports: Ports, now: number): Promise<Day[]> {
  const to = (Math.floor(now / DAY_MS) + 1) * DAY_MS
  const { t, uptime, seen, maintenance } = await ports.monitoring.history(
    'day',
    to - DAYS_SHOWN * DAY_MS,
    to,
  )
  return t.map((at, nth) => ({
    day: at.slice(0, 10),
    up: uptime[nth] ?? null,
    observed: seen[nth] ?? 0,
    maintenance: maintenance[nth] ?? 0,
  }))
}

function lastDay(now: number): [number, number] {
  const to = Math.floor(now / MINUTE_MS) * MINUTE_MS
  return [to - DAY_MS, to]
}

/** Each stretch of minutes shows the worst state that was seen in it. */
const WORST_FIRST = ['down', 'degraded', 'up', 'blip', 'maintenance'] as const satisfies SlotState[]

function lettersOf(states: readonly (SlotState | null)[]): SlotLetter[] {
  const letters: SlotLetter[] = []
  for (let from = 0; from < states.length; from += MINUTES_A_SLOT) {
    const seen = new Set(states.slice(from, from + MINUTES_A_SLOT))
    const worst = WORST_FIRST.find((state) => seen.has(state)) ?? 'unknown'
    letters.push(SLOT_LETTERS[worst].json)
  }
  return letters
}
