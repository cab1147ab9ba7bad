/**
 * A year of a home, minute by minute: outages of mixed length, flaps, checks that fail although the home is well, and ticks
 * that come twice, late or not at all. A model, not field data: what it says of a rule is how the rule compares.
 */
import { probeOf, type Probe } from '../../worker/monitor/probe.ts'
import type { ReasonName, Verdict } from '../../src/lib/diagnosis/index.ts'
import { verdictOf } from './verdicts.ts'

export const MINUTE_MS = 60_000
export const YEAR_MINUTES = 525_600
/** 2026-01-01, UTC. */
export const YEAR_BEGINS = Date.UTC(2026, 0, 1)

const OUTAGES = 79
const FLAPS = { episodes: 12, minutes: 30 } as const
/** A tunnel that connects again, in less than a minute: real, and too short to need somebody. */
const RECONNECTS = 24
const NOISE = { share: 0.004, survivesRepeats: 0.4 } as const
const TICKS = { missing: 0.002, doubled: 0.01, late: 0.005, gaps: 6 } as const

/** Half of them do not heal by luck and are told apart at once; the others are silence and lost connections. */
const CAUSES = [
  { reason: 'cloudflared_not_connected', isQuick: true },
  { reason: 'host_check', isQuick: true },
  { reason: 'no_answer', isQuick: false },
  { reason: 'connection_dropped', isQuick: true },
] as const satisfies { reason: ReasonName; isQuick: boolean }[]
type OutageCause = (typeof CAUSES)[number]
const NOISE_REASON: ReasonName = 'no_answer'

/** What was really so. ms since 1970. */
export interface Outage {
  from: number
  to: number
  cause: OutageCause
}

export interface Year {
  outages: Outage[]
  /** Minutes in which a home that was well failed its check and every repeat of it. */
  falseFailures: number
  /** In the order in which they come. */
  ticks: Iterable<Probe>
}

/** Numbers from 0 to 1 that are the same every time (mulberry32). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * `burst`: how likely a check that failed for nothing is followed by another. As likely as ever, unless told otherwise.
 */
export function year(seed: number, { minutes = YEAR_MINUTES, burst = NOISE.share as number } = {}): Year {
  const next = random(seed)
  const share = minutes / YEAR_MINUTES
  const outages = [
    ...Array.from({ length: Math.round(OUTAGES * share) }, () => outage(next, minutes, lasting(next))),
    ...Array.from({ length: Math.round(RECONNECTS * share) }, () => outage(next, minutes, (20 + next() * 30) / 60)),
    ...Array.from({ length: Math.round(FLAPS.episodes * share) }, () => flaps(next, minutes)).flat(),
  ].sort((one, other) => one.from - other.from)
  const { probes, falseFailures } = look(next, minutes, outages, burst)
  return { outages, falseFailures, ticks: deliver(next, probes) }
}

/** Minutes, log-normal: half of the outages are over within 12, some last a night. */
function lasting(next: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  return Math.min(600, 12 * Math.exp(1.2 * normal))
}

function outage(next: () => number, minutes: number, length: number): Outage {
  const from = YEAR_BEGINS + next() * minutes * MINUTE_MS
  const cause = CAUSES[Math.floor(next() * CAUSES.length)] ?? CAUSES[0]
  return { from, to: from + length * MINUTE_MS, cause }
}

function flaps(next: () => number, minutes: number): Outage[] {
  const first = outage(next, minutes, 3)
  return Array.from({ length: FLAPS.minutes / 6 }, (_, nth) => ({
    ...first,
    from: first.from + nth * 6 * MINUTE_MS,
    to: first.to + nth * 6 * MINUTE_MS,
  }))
}

const GOOD = [40, 90, 140, 180, 220, 300, 450, 900].map((ms) => verdictOf('all_lit', ms))
const BAD = new Map<ReasonName, Verdict>(
  [...CAUSES.map(({ reason }) => reason), NOISE_REASON].map((reason) => [reason, verdictOf(reason)] as const),
)

function look(next: () => number, minutes: number, outages: readonly Outage[], burst: number) {
  const probes: Probe[] = []
  let falseFailures = 0
  let first = 0
  let wasNoisy = false
  for (let minute = 0; minute < minutes; minute++) {
    const at = YEAR_BEGINS + minute * MINUTE_MS
    while ((outages[first]?.to ?? Infinity) < at - 600 * MINUTE_MS) first++
    const real = outages.slice(first).find(({ from, to }) => from <= at && at < to)
    wasNoisy = next() < (wasNoisy ? burst : NOISE.share)
    const isFalse = real === undefined && wasNoisy && next() < NOISE.survivesRepeats
    if (isFalse) falseFailures++
    probes.push(real ? failed(at, real) : probeOf(at, isFalse ? Array(3).fill(bad(NOISE_REASON)) : [good(next)]))
  }
  return { probes, falseFailures }
}

const bad = (reason: ReasonName): Verdict => BAD.get(reason) ?? verdictOf(reason)
const good = (next: () => number): Verdict => GOOD[Math.floor(next() * GOOD.length)] ?? verdictOf('all_lit', 100)

/** All looks of the minute must fall into the outage to agree; the last one decides. */
function failed(at: number, { from, to, cause }: Outage): Probe {
  const looks = LOOKS_AT_MS.map((after) => (from <= at + after && at + after < to ? bad(cause.reason) : null))
  const until = looks.indexOf(null)
  if (until < 0)
    return probeOf(
      at,
      looks.filter((look) => look !== null),
    )
  return probeOf(at, [bad(cause.reason), verdictOf('all_lit', 200)])
}

/** When a failing minute is looked at: at once, after two seconds, and eight seconds later. */
const LOOKS_AT_MS = [0, 2000, 10_000] as const

/** ms from the tick to the alert: the pauses, and the checks themselves. */
export const alertDelay = (isQuick: boolean, isSecondMinute: boolean): number =>
  (isSecondMinute ? 2000 : 10_000) + (isSecondMinute ? 2 : 3) * (isQuick ? 300 : 5000)

function* deliver(next: () => number, probes: readonly Probe[]): Iterable<Probe> {
  const gaps = Array.from({ length: TICKS.gaps }, () => {
    const from = Math.floor(next() * probes.length)
    return { from, to: from + 5 + next() * 115 }
  })
  const isInGap = (at: number) => gaps.some(({ from, to }) => from <= at && at < to)
  let late: Probe | null = null
  for (const [minute, probe] of probes.entries()) {
    const lot = next()
    if (isInGap(minute) || lot < TICKS.missing) continue
    if (lot > 1 - TICKS.late && late === null) {
      late = probe
      continue
    }
    yield probe
    if (lot < TICKS.missing + TICKS.doubled)
      yield { ...probe, level: 'good', trouble: null, isSure: false, failed: null }
    // It comes after the one that follows it, and tells of a minute that is over.
    if (late !== null) yield late
    late = null
  }
}
