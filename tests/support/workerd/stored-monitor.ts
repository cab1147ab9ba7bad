/** The monitor on a real database, fed minute by minute, with what it costs. Runs in workerd. */
import type { Verdict } from '../../../src/lib/diagnosis/index.ts'
import { Meter } from '../../../worker/monitoring/meter.ts'
import { Monitor } from '../../../worker/monitoring/monitor.ts'
import { verdictsOf } from '../../../worker/diagnosis/verdicts.ts'
import { probeOf, type Probe } from '../../../worker/monitoring/observation.ts'
import { MINUTE_MS } from '../simulated-year/year.ts'

const ORIGIN = 'https://kept.example'

export interface Feeding {
  ticks: number
  rowsWritten: number
  /** Wall time of what a tick does beside the check, ms. */
  ms: number[]
}

export interface KeptMonitor {
  monitor: Monitor
  feed: (minutes: Iterable<{ at: number; verdicts: readonly Verdict[] }>) => Feeding
  take: (probe: Probe, verdict: Verdict) => void
}

export function keptMonitor(storage: DurableObjectStorage): KeptMonitor {
  const meter = new Meter()
  const sql = meter.counting(storage.sql)
  const verdicts = verdictsOf(sql, ORIGIN)
  const monitor = new Monitor(storage, sql, { origin: ORIGIN, isDemo: false }, meter)

  /** What `Home.tick` does, but for asking the home. */
  function take(probe: Probe, verdict: Verdict) {
    verdicts.keep(verdict, probe.at)
    monitor.take(probe, verdict)
  }

  function feed(minutes: Iterable<{ at: number; verdicts: readonly Verdict[] }>): Feeding {
    const fed: Feeding = { ticks: 0, rowsWritten: 0, ms: [] }
    const before = meter.today().rowsWritten
    for (const { at, verdicts: seen } of minutes) {
      const last = seen.at(-1)
      if (!last) continue
      const startedAt = performance.now()
      take(probeOf(at, seen), last)
      fed.ms.push(performance.now() - startedAt)
      fed.ticks++
    }
    return { ...fed, rowsWritten: meter.today().rowsWritten - before }
  }

  return { monitor, feed, take }
}

/** Minutes of the same kind, from one time to another. `stepMinutes`: only every so manieth is looked at. */
export function* minutesOf(
  from: number,
  to: number,
  seen: (nth: number) => readonly Verdict[],
  stepMinutes = 1,
): Iterable<{ at: number; verdicts: readonly Verdict[] }> {
  for (let nth = 0; from + nth * MINUTE_MS < to; nth += stepMinutes)
    yield { at: from + nth * MINUTE_MS, verdicts: seen(nth) }
}
