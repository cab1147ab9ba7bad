import { describe, expect, test } from 'vitest'
import {
  MINUTE_MS,
  year,
  type Noise,
  type Outage,
} from '../../tests/support/simulated-year/year.ts'
import { retryDelaysMs } from './flap-damping.ts'
import type { IncidentEvent } from './incident.ts'
import { reduce } from './reducer.ts'
import { NEW_STATE } from './state.ts'

/** A later alert does not count as detecting the outage, because ticks may be missing in between. */
const MAX_DETECTION_MS = 10 * MINUTE_MS
const LONG_OUTAGE_MS = 5 * MINUTE_MS
const MAX = { alerts: 200, falseAlerts: 12, medianDetectionMs: 90_000 } as const

/** A loud alert, from the first failed check to the end of the check that confirmed it. */
interface LoudAlert {
  from: number
  to: number
}

function monitorYear(seed: number, noise: Noise) {
  const { outages, ticks, check } = year(seed, { noise })
  const events: IncidentEvent[] = []
  const alerts: LoudAlert[] = []
  let state = NEW_STATE
  let [count, falseFailures] = [0, 0]
  for (const at of ticks) {
    const from = state.suspected[0]?.at ?? at
    const delays = state.home === 'down' ? [] : retryDelaysMs(state.falseAlarms, state.suspected)
    const { observation, tookMs, isFalse } = check(at, delays)
    const reduction = reduce(state, observation)
    ;({ state } = reduction)
    events.push(...reduction.events)
    if (reduction.events.some(isLoudAlert)) alerts.push({ from, to: at + tookMs })
    if (reduction.slots.length > 0 && isFalse) falseFailures++
    count++
  }
  return { ticks: count, falseFailures, outages, events, alerts }
}

const isLoudAlert = ({ kind, notify }: IncidentEvent) => notify === 'loud' && kind !== 'recovered'

function figuresOf({
  ticks,
  falseFailures,
  outages,
  events,
  alerts,
}: ReturnType<typeof monitorYear>) {
  const wasDown = (alert: LoudAlert) =>
    outages.some(({ from, to }) => from <= alert.to && alert.from < to)
  const long = outages.filter(({ from, to }) => to - from >= LONG_OUTAGE_MS)
  const timeouts = outages.filter(({ cause }) => !cause.isQuick)
  return {
    ticks,
    outages: outages.length,
    falseFailures,
    incidents: events.filter(({ kind }) => kind === 'opened').length,
    alerts: alerts.length,
    falseAlerts: alerts.filter((alert) => !wasDown(alert)).length,
    missed: countMissed(long, events),
    all: detectionOf(outages, alerts),
    long: detectionOf(long, alerts),
    timeouts: detectionOf(timeouts, alerts),
  }
}

/** Outages without an ongoing incident at any time. */
function countMissed(outages: readonly Outage[], events: readonly IncidentEvent[]): number {
  const incidents: { from: number; to: number }[] = []
  for (const { kind, at } of events) {
    if (kind === 'opened' || kind === 'recurred') incidents.push({ from: at, to: Infinity })
    const last = incidents.at(-1)
    if (kind === 'recovered' && last) last.to = at
  }
  const isDetected = ({ from, to }: Outage) =>
    incidents.some((incident) => incident.from < to && from < incident.to)
  return outages.filter((outage) => !isDetected(outage)).length
}

/** The time from the start of an outage to its alert, of the outages that were detected. */
function detectionOf(outages: readonly Outage[], alerts: readonly LoudAlert[]) {
  const times = outages
    .flatMap(({ from, to }) => {
      const end = Math.min(to, from + MAX_DETECTION_MS) + MINUTE_MS
      const alert = alerts.find((one) => one.to >= from && one.to < end)
      return alert ? [alert.to - from] : []
    })
    .sort((one, other) => one - other)
  const at = (share: number) => times[Math.floor(times.length * share)] ?? Infinity
  return { count: times.length, medianMs: at(0.5), p95Ms: at(0.95) }
}

describe.each(['isolated', 'bursts'] as const)(
  'a year of a connection whose false failures are %s',
  (noise) => {
    test.each([1, 2, 3])('year %i has few alerts, hardly a false one, and fast ones', (seed) => {
      const figures = figuresOf(monitorYear(seed, noise))
      console.log(`year ${seed}, ${noise}: ${JSON.stringify(figures)}`)
      expect(figures.ticks).toBeGreaterThan(520_000)
      expect(figures.falseFailures).toBeGreaterThan(700)
      expect(figures.all.count).toBeGreaterThan(79)
      // An outage while ticks are missing cannot be detected.
      expect(figures.missed).toBeLessThanOrEqual(1)
      expect(figures.alerts).toBeLessThanOrEqual(MAX.alerts)
      expect(figures.falseAlerts).toBeLessThanOrEqual(MAX.falseAlerts)
      expect(figures.all.medianMs).toBeLessThanOrEqual(MAX.medianDetectionMs)
      expect(figures.long.medianMs).toBeLessThanOrEqual(MAX.medianDetectionMs)
    })
  },
)
