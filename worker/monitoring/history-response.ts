import {
  RESOLUTIONS,
  type History,
  type PublicHistory,
  type Resolution,
} from '../../src/lib/contract/history.ts'
import { iso, MINUTE_MS } from '../time.ts'
import { percentile } from './histogram.ts'
import { mergeRollUps, minutesSeen, stateOf, uptimeOf, type RollUp } from './roll-up.ts'

/** One slot of a history. A single minute has its own response time, a longer slot a histogram. */
export interface Slice {
  rollUp: RollUp
  /** The response time of a minute. */
  ms?: number | null
}

/** From `from` (inclusive) to `to` (exclusive), both on slot boundaries. `sliceAt` takes the slot's number since 1970. */
export function historyOf(
  res: Resolution,
  from: number,
  to: number,
  sliceAt: (nth: number) => Slice | undefined,
): History {
  const stepMs = RESOLUTIONS[res]
  const count = (to - from) / stepMs
  const slices = Array.from({ length: count }, (_, at) => sliceAt(from / stepMs + at))
  const all = mergeRollUps(slices.flatMap((slice) => (slice ? [slice.rollUp] : [])))
  return {
    res,
    from: iso(from),
    to: iso(to),
    stepMs,
    t: slices.map((_, at) => iso(from + at * stepMs)),
    ...columnsOf(slices, stepMs),
    all: {
      ...sharesOf(all, to - from),
      p50: percentile(all.histogram, 0.5),
      p95: percentile(all.histogram, 0.95),
      p99: percentile(all.histogram, 0.99),
    },
  }
}

function columnsOf(slices: readonly (Slice | undefined)[], stepMs: number) {
  const column = <Value>(read: (slice: Slice) => Value) =>
    slices.map((slice) => (slice ? read(slice) : null))
  const shares = slices.map((slice) => slice && sharesOf(slice.rollUp, stepMs))
  const percentileOf = (share: number) => (slice: Slice) =>
    slice.ms === undefined ? percentile(slice.rollUp.histogram, share) : slice.ms
  return {
    state: column(({ rollUp }) => stateOf(rollUp)),
    uptime: shares.map((one) => one?.uptime ?? null),
    seen: shares.map((one) => one?.seen ?? null),
    maintenance: shares.map((one) => one?.maintenance ?? null),
    cause: column(({ rollUp }) => rollUp.cause),
    p50: column(percentileOf(0.5)),
    p95: column(percentileOf(0.95)),
    p99: column(percentileOf(0.99)),
  }
}

const sharesOf = (rollUp: RollUp, rangeMs: number): PublicHistory['all'] => {
  const uptime = uptimeOf(rollUp)
  return {
    uptime: uptime === null ? null : rounded(uptime),
    seen: rounded((minutesSeen(rollUp) * MINUTE_MS) / rangeMs),
    maintenance: rounded((rollUp.maintenance * MINUTE_MS) / rangeMs),
  }
}

/** A list of what strangers may see, not of what they may not. */
export function publicHistory(history: History, isCausePublic: boolean): PublicHistory {
  const { res, from, to, stepMs, t, state, uptime, seen, maintenance, cause, all } = history
  return {
    res,
    from,
    to,
    stepMs,
    t,
    state,
    uptime,
    seen,
    maintenance,
    ...(isCausePublic ? { cause } : {}),
    all: { uptime: all.uptime, seen: all.seen, maintenance: all.maintenance },
  }
}

const rounded = (share: number) => Math.round(share * 1e5) / 1e5
