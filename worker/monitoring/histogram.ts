/**
 * How many checks took how long, in 32 buckets that each reach a third further, from 1 ms to 10 s. Histograms are small
 * enough to store indefinitely, and their sum is the histogram of all the checks.
 */
export type Histogram = number[]

export const BUCKETS = 32
const LONGEST_MS = 10_000
const RATIO = LONGEST_MS ** (1 / (BUCKETS - 1))

export const emptyHistogram = (): Histogram => Array.from({ length: BUCKETS }, () => 0)

/** Bucket 0 ends at 1 ms; the last one holds everything above its start. */
export const bucketOf = (ms: number): number =>
  ms < 1 ? 0 : Math.min(BUCKETS - 1, 1 + Math.floor(Math.log(ms) / Math.log(RATIO)))

export function add(histogram: Histogram, ms: number) {
  const bucket = bucketOf(ms)
  histogram[bucket] = (histogram[bucket] ?? 0) + 1
}

export function merge(histograms: Iterable<Histogram>): Histogram {
  const sum = emptyHistogram()
  for (const one of histograms)
    for (let at = 0; at < BUCKETS; at++) sum[at] = (sum[at] ?? 0) + (one[at] ?? 0)
  return sum
}

/** The duration that `share` (0 to 1) of the checks did not exceed, accurate to a sixth; `null` without checks. */
export function percentile(histogram: Histogram, share: number): number | null {
  const total = histogram.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  let count = 0
  const bucket = histogram.findIndex(
    (checks) => (count += checks) >= Math.max(1, Math.ceil(total * share)),
  )
  // The geometric middle of the bucket, which is off by the same factor in both directions.
  return round(bucket === 0 ? 0.5 : RATIO ** (bucket - 0.5))
}

const round = (ms: number) => Number(ms.toPrecision(3))
