import { describe, expect, test } from 'vitest'
import { alertDelay, MINUTE_MS, year, type Outage } from '../../tests/monitor/year.ts'
import type { IncidentEvent } from './incident.ts'
import { NEW_STATE, step, type Outcome } from './step.ts'

/** An outage and its alert may be so far apart: two minutes to confirm, and a gap of ticks may lie between. ms. */
const FOUND_WITHIN_MS = 10 * MINUTE_MS
const MOST = { alerts: 300, falseAlerts: 12, falseAlertsInBursts: 168, medianDetectionMs: 90_000 } as const

function run(seed: number, burst?: number) {
  const { outages, falseFailures, ticks } = year(seed, { burst })
  const events: IncidentEvent[] = []
  let state = NEW_STATE
  let count = 0
  for (const probe of ticks) {
    const outcome: Outcome = step(state, probe)
    ;({ state } = outcome)
    events.push(...outcome.events)
    count++
  }
  const rings = events.filter(({ kind, tell }) => tell === 'loud' && kind !== 'recovered')
  const realAt = (at: number) => outages.find(({ from, to }) => from <= at && at - 3 * MINUTE_MS < to)
  const falseAlerts = rings.filter(({ at }) => !realAt(at))
  return {
    ticks: count,
    outages,
    falseFailures,
    events,
    rings,
    falseAlerts,
    missed: countMissed(outages, events),
    ...detected(outages, rings),
  }
}

/** Outages long enough to be confirmed at leisure, during which no incident lasted at any time. */
function countMissed(outages: readonly Outage[], events: readonly IncidentEvent[]): number {
  const times: { from: number; to: number }[] = []
  for (const { kind, at } of events) {
    if (kind === 'opened' || kind === 'recurred') times.push({ from: at, to: Infinity })
    const last = times.at(-1)
    if (kind === 'recovered' && last) last.to = at
  }
  const isSeen = ({ from, to }: Outage) => times.some((time) => time.from < to && from < time.to)
  return outages.filter((outage) => outage.to - outage.from >= 5 * MINUTE_MS && !isSeen(outage)).length
}

/** From the beginning of an outage to its alert, of those outages that began while none was known. ms. */
function detected(outages: readonly Outage[], rings: readonly IncidentEvent[]) {
  const times: number[] = []
  for (const { from, to, cause } of outages) {
    const ring = rings.find(({ at }) => at >= from && at < Math.min(to, from + FOUND_WITHIN_MS))
    if (ring) times.push(ring.at - from + alertDelay(cause.isQuick, ring.at - from >= MINUTE_MS))
  }
  times.sort((one, other) => one - other)
  return { found: times.length, medianMs: times[Math.floor(times.length / 2)] ?? Infinity, p95Ms: times[Math.floor(times.length * 0.95)] ?? Infinity } // prettier-ignore
}

function told(
  name: string,
  { ticks, outages, falseFailures, events, rings, falseAlerts, missed, found, medianMs, p95Ms }: ReturnType<typeof run>,
) {
  const opened = events.filter(({ kind }) => kind === 'opened').length
  return (
    `${name}: ${ticks} ticks, ${outages.length} outages, ${falseFailures} minutes that failed for nothing; ` +
    `${opened} incidents, ${rings.length} alerts that ring, ${falseAlerts.length} of them false; ` +
    `${missed} of 5 minutes and more were missed; ${found} outages alerted while they lasted, after ${seconds(medianMs)} s (median), ${seconds(p95Ms)} s (p95)`
  )
}

const seconds = (ms: number) => Math.round(ms / 1000)

describe('a year, minute by minute', () => {
  test.each([1, 2, 3])('number %i: few alerts, hardly a false one, and soon', (seed) => {
    const figures = run(seed)
    console.log(told(`year ${seed}`, figures))
    expect(figures.ticks).toBeGreaterThan(520_000)
    expect(figures.found).toBeGreaterThan(79)
    // What falls into a gap of the ticks is nobody's to see.
    expect(figures.missed).toBeLessThanOrEqual(1)
    expect(figures.rings.length).toBeLessThanOrEqual(MOST.alerts)
    expect(figures.falseAlerts.length).toBeLessThanOrEqual(MOST.falseAlerts)
    expect(figures.medianMs).toBeLessThanOrEqual(MOST.medianDetectionMs)
  })

  test('of checks that fail in bursts for nothing: two minutes of them cannot be told from an outage', () => {
    const figures = run(4, 0.3)
    console.log(told('year 4, in bursts', figures))
    expect(figures.falseAlerts.length).toBeLessThanOrEqual(MOST.falseAlertsInBursts)
  })
})
