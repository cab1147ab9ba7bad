/**
 * A simulated year of a home: outages of mixed length, flapping, checks that fail although the home works, and ticks that
 * are repeated, late or missing. It is a model, not field data: use it to compare rules.
 */
import { observationOf, type Observation } from '../../../worker/monitoring/observation.ts'
import type { ReasonName, Verdict } from '../../../src/lib/diagnosis/index.ts'
import { verdictOf } from './verdicts.ts'

export const MINUTE_MS = 60_000
const YEAR_MINUTES = 525_600
/** 2026-01-01, UTC. */
export const YEAR_BEGINS = Date.UTC(2026, 0, 1)

const OUTAGES = 79
const FLAPS = { episodes: 12, minutes: 30 } as const
/** A tunnel that reconnects within a minute: a real outage, but too short for an alert. */
const RECONNECTS = 24
const TICKS = { missing: 0.002, repeated: 0.01, late: 0.005, gaps: 6 } as const

/**
 * Bad spells of the connection, in which a check fails with the probability `fails` although the home works. `share`: of all
 * first checks that fail so. Of both kinds, 4 in 10 outlast the retries of their minute. An isolated spell ends before the
 * next minute; of those in bursts, 3 in 10 make the next minute's first check fail as well, and so on.
 */
const NOISES = {
  isolated: { share: 0.004, meanMs: 33_000, isSteady: true, fails: 1 },
  bursts: { share: 0.0057, meanMs: 67_000, isSteady: false, fails: 0.73 },
} as const
export type Noise = keyof typeof NOISES

/** Half of them are persistent and recognized at once; the others are timeouts and lost connections. */
const CAUSES = [
  { reason: 'cloudflared_not_connected', isQuick: true },
  { reason: 'host_check', isQuick: true },
  { reason: 'no_answer', isQuick: false },
  { reason: 'connection_dropped', isQuick: true },
] as const satisfies { reason: ReasonName; isQuick: boolean }[]
export type OutageCause = (typeof CAUSES)[number]
const NOISE_CAUSE: OutageCause = CAUSES[2]

/** An error arrives at once; without a response, a check runs into its timeout. */
const CHECK_MS = { good: 200, quick: 300, slow: 5000 } as const

interface Span {
  from: number
  to: number
}

/** Times are ms since 1970. */
export interface Outage extends Span {
  cause: OutageCause
}

export interface Year {
  outages: Outage[]
  /** In the order in which they arrive. */
  ticks: Iterable<number>
  /** Checks the home in this minute, and again after each delay for as long as it fails. */
  check: (at: number, retryDelaysMs: readonly number[]) => CheckedMinute
}

export interface CheckedMinute {
  observation: Observation
  last: Verdict
  /** From the start of the minute to the end of the last check. */
  tookMs: number
  /** The home worked all the time, and every check failed. */
  isFalse: boolean
}

/** A reproducible sequence of numbers from 0 to 1 (mulberry32). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface YearOptions {
  minutes?: number
  noise?: Noise
}

export function year(
  seed: number,
  { minutes = YEAR_MINUTES, noise = 'isolated' }: YearOptions = {},
): Year {
  const next = random(seed)
  const share = minutes / YEAR_MINUTES
  const outages = [
    ...Array.from({ length: Math.round(OUTAGES * share) }, () =>
      outage(next, minutes, outageMinutes(next)),
    ),
    ...Array.from({ length: Math.round(RECONNECTS * share) }, () =>
      outage(next, minutes, (20 + next() * 30) / 60),
    ),
    ...Array.from({ length: Math.round(FLAPS.episodes * share) }, () =>
      flaps(next, minutes),
    ).flat(),
  ].sort((one, other) => one.from - other.from)
  const outageAt = finder(outages)
  const spellAt = finder(spells(next, minutes, noise))
  const fails = (ms: number) => spellAt(ms) !== undefined && next() < NOISES[noise].fails
  return {
    outages,
    ticks: deliver(next, minutes),
    check: (at, retryDelaysMs) =>
      check(
        at,
        retryDelaysMs,
        (ms) => outageAt(ms)?.cause ?? (fails(ms) ? NOISE_CAUSE : null),
        outageAt,
        next,
      ),
  }
}

/** Log-normal: half of the outages end within 12 minutes, some last a night. */
function outageMinutes(next: () => number): number {
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

function spells(next: () => number, minutes: number, noise: Noise): Span[] {
  const { share, meanMs, isSteady, fails } = NOISES[noise]
  const length = minutes * MINUTE_MS
  return Array.from({ length: Math.round((share * length) / (meanMs * fails)) }, () => {
    const from = YEAR_BEGINS + next() * length
    return { from, to: from + meanMs * (isSteady ? 1 : -Math.log(1 - next())) }
  }).sort((one, other) => one.from - other.from)
}

const MAX_SPAN_MS = 601 * MINUTE_MS

/** Finds the span that a time falls into. `spans` are sorted by start; fast for ascending times. */
function finder<Of extends Span>(spans: readonly Of[]): (ms: number) => Of | undefined {
  let first = 0
  return (ms) => {
    while ((spans[first]?.from ?? Infinity) < ms - MAX_SPAN_MS) first++
    for (let nth = first; nth < spans.length; nth++) {
      const span = spans[nth]
      if (span === undefined || span.from > ms) return undefined
      if (ms < span.to) return span
    }
    return undefined
  }
}

const GOOD = [40, 90, 140, 180, 220, 300, 450, 900].map((ms) => verdictOf('all_lit', ms))
const BAD = new Map<ReasonName, Verdict>(CAUSES.map(({ reason }) => [reason, verdictOf(reason)]))
const good = (next: () => number): Verdict =>
  GOOD[Math.floor(next() * GOOD.length)] ?? verdictOf('all_lit', 100)
const bad = ({ reason }: OutageCause): Verdict => BAD.get(reason) ?? verdictOf(reason)

function check(
  at: number,
  retryDelaysMs: readonly number[],
  failsAt: (ms: number) => OutageCause | null,
  outageAt: (ms: number) => Outage | undefined,
  next: () => number,
): CheckedMinute {
  const verdicts: Verdict[] = []
  let now = at
  let wasDown = false
  for (const delayMs of [0, ...retryDelaysMs]) {
    now += delayMs
    wasDown ||= outageAt(now) !== undefined
    const cause = failsAt(now)
    now += cause === null ? CHECK_MS.good : CHECK_MS[cause.isQuick ? 'quick' : 'slow']
    verdicts.push(cause === null ? good(next) : bad(cause))
    if (cause === null) break
  }
  const last = verdicts.at(-1) ?? good(next)
  return {
    observation: observationOf({ at, verdicts }),
    last,
    tookMs: now - at,
    isFalse: last.status === 'fail' && !wasDown,
  }
}

function* deliver(next: () => number, minutes: number): Iterable<number> {
  const gaps = Array.from({ length: TICKS.gaps }, () => {
    const from = Math.floor(next() * minutes)
    return { from, to: from + 5 + next() * 115 }
  })
  const isInGap = (minute: number) => gaps.some(({ from, to }) => from <= minute && minute < to)
  let late: number | null = null
  for (let minute = 0; minute < minutes; minute++) {
    const at = YEAR_BEGINS + minute * MINUTE_MS
    const lot = next()
    if (isInGap(minute) || lot < TICKS.missing) continue
    if (lot > 1 - TICKS.late && late === null) {
      late = at
      continue
    }
    yield at
    if (lot < TICKS.missing + TICKS.repeated) yield at
    // It arrives after the tick that follows it.
    if (late !== null) yield late
    late = null
  }
}
