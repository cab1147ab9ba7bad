/** A monitor with a real database that processes minutes and counts what they cost. Runs in workerd. */
import type { Verdict } from '../../../src/lib/diagnosis/index.ts'
import { Meter } from '../../../worker/monitoring/meter.ts'
import { Monitor } from '../../../worker/monitoring/monitor.ts'
import { verdictsOf } from '../../../worker/diagnosis/verdicts.ts'
import { observationOf, type Observation } from '../../../worker/monitoring/observation.ts'
import { MINUTE_MS } from '../simulated-year/year.ts'

const ORIGIN = 'https://stored.example'

interface Minute {
  at: number
  verdicts: readonly Verdict[]
}

export interface Cost {
  ticks: number
  rowsWritten: number
  /** Wall time of each tick without its check. */
  ms: number[]
}

export interface StoredMonitor {
  monitor: Monitor
  recordAll: (minutes: Iterable<Minute>) => Cost
  record: (observation: Observation, verdict: Verdict) => void
}

export function storedMonitor(storage: DurableObjectStorage): StoredMonitor {
  const meter = new Meter()
  const sql = meter.counting(storage.sql)
  const verdictStore = verdictsOf(sql, ORIGIN)
  const monitor = new Monitor(storage, sql, { origin: ORIGIN, isDemo: false }, meter)

  /** What `Home.tick` does after the check. */
  function record(observation: Observation, verdict: Verdict) {
    verdictStore.keep(verdict, observation.at)
    monitor.record(observation, verdict)
  }

  function recordAll(minutes: Iterable<Minute>): Cost {
    const cost: Cost = { ticks: 0, rowsWritten: 0, ms: [] }
    const before = meter.today().rowsWritten
    for (const { at, verdicts } of minutes) {
      const last = verdicts.at(-1)
      if (!last) continue
      const startedAt = performance.now()
      record(observationOf({ at, verdicts }), last)
      cost.ms.push(performance.now() - startedAt)
      cost.ticks++
    }
    return { ...cost, rowsWritten: meter.today().rowsWritten - before }
  }

  return { monitor, recordAll, record }
}

/** `verdictsAt` takes the number of the minute. With `stepMinutes`, the minutes in between have no tick. */
export function* minutesOf(
  from: number,
  to: number,
  verdictsAt: (nth: number) => readonly Verdict[],
  stepMinutes = 1,
): Iterable<Minute> {
  for (let nth = 0; from + nth * MINUTE_MS < to; nth += stepMinutes)
    yield { at: from + nth * MINUTE_MS, verdicts: verdictsAt(nth) }
}
