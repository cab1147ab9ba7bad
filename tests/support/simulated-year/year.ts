/**
 * A year of a home, moment by moment: outages of mixed length, flaps, looks that fail although the home is well, and ticks
 * that come twice, late or not at all. A model, not field data: what it says of a rule is how the rule compares.
 */
import { probeOf, type Probe } from '../../../worker/monitoring/observation.ts'
import type { ReasonName, Verdict } from '../../../src/lib/diagnosis/index.ts'
import { verdictOf } from './verdicts.ts'

export const MINUTE_MS = 60_000
const YEAR_MINUTES = 525_600
/** 2026-01-01, UTC. */
export const YEAR_BEGINS = Date.UTC(2026, 0, 1)

const OUTAGES = 79
const FLAPS = { episodes: 12, minutes: 30 } as const
/** A tunnel that connects again, in less than a minute: real, and too short to need somebody. */
const RECONNECTS = 24
const TICKS = { missing: 0.002, doubled: 0.01, late: 0.005, gaps: 6 } as const

/**
 * Rough spells of the line, in which a look fails for nothing with the chance `fails`. `share`: of all first looks that do.
 * Of both kinds, 4 in 10 outlast the repeats of their minute. An isolated spell is over by the next minute; of those that
 * come in bursts, 3 in 10 make the next minute's first look fail as well, and so on.
 */
const NOISES = {
  isolated: { share: 0.004, meanMs: 33_000, isSteady: true, fails: 1 },
  bursts: { share: 0.0057, meanMs: 67_000, isSteady: false, fails: 0.73 },
} as const
export type Noise = keyof typeof NOISES

/** Half of them do not heal by luck and are told apart at once; the others are silence and lost connections. */
const CAUSES = [
  { reason: 'cloudflared_not_connected', isQuick: true },
  { reason: 'host_check', isQuick: true },
  { reason: 'no_answer', isQuick: false },
  { reason: 'connection_dropped', isQuick: true },
] as const satisfies { reason: ReasonName; isQuick: boolean }[]
export type OutageCause = (typeof CAUSES)[number]
const NOISE_CAUSE: OutageCause = CAUSES[2]

/** What a look takes: an error is there at once, silence has to be waited for. ms. */
const LOOK_MS = { good: 200, quick: 300, slow: 5000 } as const

interface Span {
  from: number
  to: number
}

/** What was really so. ms since 1970. */
export interface Outage extends Span {
  cause: OutageCause
}

export interface Year {
  outages: Outage[]
  /** The minutes for which somebody comes to look, in the order in which they come. */
  ticks: Iterable<number>
  /** Looks at the home from this minute on, and again after each pause (ms) for as long as it fails. */
  look: (at: number, pauses: readonly number[]) => Looked
}

export interface Looked {
  probe: Probe
  last: Verdict
  /** From the beginning of the minute to the end of the last look. */
  tookMs: number
  /** The home was well all the time, and every look failed. */
  isFalse: boolean
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
      outage(next, minutes, lasting(next)),
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
    look: (at, pauses) =>
      look(
        at,
        pauses,
        (ms) => outageAt(ms)?.cause ?? (fails(ms) ? NOISE_CAUSE : null),
        outageAt,
        next,
      ),
  }
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

function spells(next: () => number, minutes: number, noise: Noise): Span[] {
  const { share, meanMs, isSteady, fails } = NOISES[noise]
  const length = minutes * MINUTE_MS
  return Array.from({ length: Math.round((share * length) / (meanMs * fails)) }, () => {
    const from = YEAR_BEGINS + next() * length
    return { from, to: from + meanMs * (isSteady ? 1 : -Math.log(1 - next())) }
  }).sort((one, other) => one.from - other.from)
}

/** No span is longer. ms. */
const LONGEST_MS = 601 * MINUTE_MS

/** Which of these, sorted by their beginning, a moment falls into. Quick for moments that follow each other. */
function finder<Of extends Span>(spans: readonly Of[]): (ms: number) => Of | undefined {
  let first = 0
  return (ms) => {
    while ((spans[first]?.from ?? Infinity) < ms - LONGEST_MS) first++
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

function look(
  at: number,
  pauses: readonly number[],
  failsAt: (ms: number) => OutageCause | null,
  outageAt: (ms: number) => Outage | undefined,
  next: () => number,
): Looked {
  const verdicts: Verdict[] = []
  let now = at
  let wasDark = false
  for (const pause of [0, ...pauses]) {
    now += pause
    wasDark ||= outageAt(now) !== undefined
    const cause = failsAt(now)
    now += cause === null ? LOOK_MS.good : LOOK_MS[cause.isQuick ? 'quick' : 'slow']
    verdicts.push(cause === null ? good(next) : bad(cause))
    if (cause === null) break
  }
  const last = verdicts.at(-1) ?? good(next)
  return {
    probe: probeOf(at, verdicts),
    last,
    tookMs: now - at,
    isFalse: last.status === 'fail' && !wasDark,
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
    if (lot < TICKS.missing + TICKS.doubled) yield at
    // It comes after the one that follows it, and is for a minute that is over.
    if (late !== null) yield late
    late = null
  }
}
