/** Durations in 32 buckets that grow by a third, from 1 ms to 10 s: small enough to keep for ever, and sums of them stay true. */
export type Histogram = Uint16Array

export const BUCKETS = 32
const LONGEST_MS = 10_000
const RATIO = LONGEST_MS ** (1 / (BUCKETS - 1))

export const emptyHistogram = (): Histogram => new Uint16Array(BUCKETS)

/** Bucket 0 ends at 1 ms; the last one takes whatever is longer. */
export const bucketOf = (ms: number): number =>
  ms < 1 ? 0 : Math.min(BUCKETS - 1, 1 + Math.floor(Math.log(ms) / Math.log(RATIO)))

export function add(histogram: Histogram, ms: number) {
  const bucket = bucketOf(ms)
  histogram[bucket] = (histogram[bucket] ?? 0) + 1
}

/** Sums as plain numbers: a range may hold more than 65,535 checks. */
export function merge(histograms: Iterable<ArrayLike<number>>): number[] {
  const sum = Array.from({ length: BUCKETS }, () => 0)
  for (const one of histograms)
    for (let at = 0; at < BUCKETS; at++) sum[at] = (sum[at] ?? 0) + (one[at] ?? 0)
  return sum
}

/** The duration that `share` (0 to 1) of the checks did not exceed, ms, within a sixth of the truth; `null`: there were none. */
export function percentile(histogram: ArrayLike<number>, share: number): number | null {
  const counts = Array.from(histogram)
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  let seen = 0
  const bucket = counts.findIndex(
    (count) => (seen += count) >= Math.max(1, Math.ceil(total * share)),
  )
  // The geometric middle of the bucket: off by the same factor either way.
  return round(bucket === 0 ? 0.5 : RATIO ** (bucket - 0.5))
}

const round = (ms: number) => Number(ms.toPrecision(3))
