import {
  RESOLUTIONS,
  type History,
  type PublicHistory,
  type Resolution,
} from '../../src/lib/contract/history.ts'
import { percentile } from './histogram.ts'
import { seenIn, stateOfRoll, sumUp, uptimeOf, type Roll } from './roll-up.ts'
import { iso, MINUTE_MS } from '../time.ts'

/** One slot of a history. A minute has its own time, a longer one a histogram. */
export interface Slice {
  roll: Roll
  /** ms, of a minute that was answered. */
  ms?: number | null
}

/** The slots from `from` (inclusive) to `to` (exclusive), both on the boundary of a slot. `sliceAt`: by number since 1970. */
export function columnsOf(
  res: Resolution,
  from: number,
  to: number,
  sliceAt: (nth: number) => Slice | undefined,
): History {
  const stepMs = RESOLUTIONS[res]
  const slices = Array.from({ length: (to - from) / stepMs }, (_, at) =>
    sliceAt(from / stepMs + at),
  )
  const each = <Value>(read: (slice: Slice) => Value) =>
    slices.map((slice) => (slice ? read(slice) : null))
  const took = (share: number) => (slice: Slice) =>
    slice.ms === undefined ? percentile(slice.roll.histogram, share) : slice.ms
  const all = sumUp(slices.flatMap((slice) => (slice ? [slice.roll] : [])))
  return {
    res,
    ...{ from: iso(from), to: iso(to), stepMs },
    t: slices.map((_, at) => iso(from + at * stepMs)),
    state: each(({ roll }) => stateOfRoll(roll)),
    uptime: each(({ roll }) => share(uptimeOf(roll))),
    seen: each(({ roll }) => share((seenIn(roll) * MINUTE_MS) / stepMs)),
    maintenance: each(({ roll }) => share((roll.maintenance * MINUTE_MS) / stepMs)),
    cause: each(({ roll }) => roll.cause),
    p50: each(took(0.5)),
    p95: each(took(0.95)),
    p99: each(took(0.99)),
    all: {
      uptime: share(uptimeOf(all)),
      seen: share((seenIn(all) * MINUTE_MS) / (to - from)) ?? 0,
      maintenance: share((all.maintenance * MINUTE_MS) / (to - from)) ?? 0,
      p50: percentile(all.histogram, 0.5),
      p95: percentile(all.histogram, 0.95),
      p99: percentile(all.histogram, 0.99),
    },
  }
}

/** What of a history strangers may see: a list of what is allowed, not of what is not. */
export function publicColumns(history: History, isCauseTold: boolean): PublicHistory {
  const { res, from, to, stepMs, t, state, uptime, seen, maintenance, cause, all } = history
  return {
    ...{ res, from, to, stepMs, t, state, uptime, seen, maintenance },
    ...(isCauseTold ? { cause } : {}),
    all: { uptime: all.uptime, seen: all.seen, maintenance: all.maintenance },
  }
}
const share = (value: number | null) => (value === null ? null : Math.round(value * 1e5) / 1e5)
