import { describe, expect, test } from 'vitest'
import {
  MINUTE_MS,
  year,
  type Noise,
  type Outage,
} from '../../tests/support/simulated-year/year.ts'
import { pausesFor } from './flap-damping.ts'
import type { IncidentEvent } from './incident.ts'
import { NEW_STATE } from './state.ts'
import { step } from './reducer.ts'

/** An alert that comes later is not counted as the outage's: a gap of ticks may lie between. ms. */
const FOUND_WITHIN_MS = 10 * MINUTE_MS
/** Outages that nobody would call short. ms. */
const LONG_MS = 5 * MINUTE_MS
const MOST = { alerts: 200, falseAlerts: 12, medianDetectionMs: 90_000 } as const

/** An alert, with what it was raised for: from the first failure that was looked at to the end of the last look. */
interface Ring {
  from: number
  to: number
}

function run(seed: number, noise: Noise) {
  const { outages, ticks, look } = year(seed, { noise })
  const events: IncidentEvent[] = []
  const rings: Ring[] = []
  let state = NEW_STATE
  let [count, falseFailures] = [0, 0]
  for (const at of ticks) {
    const from = state.suspected[0]?.at ?? at
    const { probe, tookMs, isFalse } = look(
      at,
      state.settled === 'down' ? [] : pausesFor(state.doubts, state.suspected),
    )
    const outcome = step(state, probe)
    ;({ state } = outcome)
    events.push(...outcome.events)
    if (outcome.events.some(isRing)) rings.push({ from, to: at + tookMs })
    if (outcome.slots.length > 0 && isFalse) falseFailures++
    count++
  }
  const wasDark = (ring: Ring) => outages.some(({ from, to }) => from <= ring.to && ring.from < to)
  const long = outages.filter(({ from, to }) => to - from >= LONG_MS)
  return {
    ...{ ticks: count, outages, falseFailures, rings },
    opened: events.filter(({ kind }) => kind === 'opened').length,
    falseAlerts: rings.filter((ring) => !wasDark(ring)).length,
    missed: countMissed(long, events),
    all: detected(outages, rings),
    long: detected(long, rings),
    silent: detected(
      outages.filter(({ cause }) => !cause.isQuick),
      rings,
    ),
  }
}

const isRing = ({ kind, tell }: IncidentEvent) => tell === 'loud' && kind !== 'recovered'

/** Outages during which no incident lasted at any time. */
function countMissed(outages: readonly Outage[], events: readonly IncidentEvent[]): number {
  const times: { from: number; to: number }[] = []
  for (const { kind, at } of events) {
    if (kind === 'opened' || kind === 'recurred') times.push({ from: at, to: Infinity })
    const last = times.at(-1)
    if (kind === 'recovered' && last) last.to = at
  }
  const isSeen = ({ from, to }: Outage) => times.some((time) => time.from < to && from < time.to)
  return outages.filter((outage) => !isSeen(outage)).length
}

/** From the beginning of an outage to its alert, of those outages that began while none was known. ms. */
function detected(outages: readonly Outage[], rings: readonly Ring[]) {
  const times = outages
    .flatMap(({ from, to }) => {
      const ring = rings.find(
        (one) => one.to >= from && one.to < Math.min(to, from + FOUND_WITHIN_MS) + MINUTE_MS,
      )
      return ring ? [ring.to - from] : []
    })
    .sort((one, other) => one - other)
  const at = (share: number) => times[Math.floor(times.length * share)] ?? Infinity
  return { count: times.length, medianMs: at(0.5), p95Ms: at(0.95) }
}

const told = ({ count, medianMs, p95Ms }: ReturnType<typeof detected>) =>
  `${count} after ${Math.round(medianMs / 1000)} s (median), ${Math.round(p95Ms / 1000)} s (p95)`

function say(
  name: string,
  {
    ticks,
    outages,
    falseFailures,
    opened,
    rings,
    falseAlerts,
    missed,
    all,
    long,
    silent,
  }: ReturnType<typeof run>,
) {
  console.log(
    `${name}: ${ticks} ticks, ${outages.length} outages, ${falseFailures} minutes that failed for nothing; ` +
      `${opened} incidents, ${rings.length} alerts that ring, ${falseAlerts} of them false; ` +
      `found while they lasted: ${told(all)}; those of five minutes and more: ${told(long)}, ${missed} missed; those that are only silent: ${told(silent)}`,
  )
}

describe.each(['isolated', 'bursts'] as const)(
  'a year of a connection with %s false failures',
  (noise) => {
    test.each([1, 2, 3])(
      'year %i has few alerts, almost no false ones, and no late ones',
      (seed) => {
        const figures = run(seed, noise)
        say(`year ${seed}, ${noise}`, figures)
        expect(figures.ticks).toBeGreaterThan(520_000)
        expect(figures.falseFailures).toBeGreaterThan(700)
        expect(figures.all.count).toBeGreaterThan(79)
        // What falls into a gap of the ticks is nobody's to see.
        expect(figures.missed).toBeLessThanOrEqual(1)
        expect(figures.rings.length).toBeLessThanOrEqual(MOST.alerts)
        expect(figures.falseAlerts).toBeLessThanOrEqual(MOST.falseAlerts)
        expect(figures.all.medianMs).toBeLessThanOrEqual(MOST.medianDetectionMs)
        expect(figures.long.medianMs).toBeLessThanOrEqual(MOST.medianDetectionMs)
      },
    )
  },
)
