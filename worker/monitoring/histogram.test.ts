import fc from 'fast-check'
import { expect, test } from 'vitest'
import { add, BUCKETS, bucketOf, emptyHistogram, merge, percentile } from './histogram.ts'

const histogramOf = (durations: readonly number[]) => {
  const histogram = emptyHistogram()
  for (const ms of durations) add(histogram, ms)
  return histogram
}

const exact = (durations: readonly number[], share: number) =>
  [...durations].sort((one, other) => one - other)[
    Math.max(1, Math.ceil(durations.length * share)) - 1
  ] ?? NaN

const durations = fc.array(fc.integer({ min: 1, max: 9999 }), { minLength: 1, maxLength: 500 })

test('an empty histogram has no percentile', () => {
  expect(percentile(emptyHistogram(), 0.5)).toBe(null)
})

test('a percentile is within a sixth of the exact one', () => {
  fc.assert(
    fc.property(durations, fc.constantFrom(0.5, 0.95, 0.99), (all, share) => {
      const estimate = percentile(histogramOf(all), share) ?? NaN
      const ratio = estimate / exact(all, share)
      expect(ratio).toBeGreaterThan(0.84)
      expect(ratio).toBeLessThan(1.17)
    }),
  )
})

test('the sum of two histograms is the histogram of all durations', () => {
  fc.assert(
    fc.property(durations, durations, (one, other) => {
      const all = histogramOf([...one, ...other])
      expect(merge([histogramOf(one), histogramOf(other)])).toEqual(all)
    }),
  )
})

test('a histogram counts durations below and above its range', () => {
  expect([bucketOf(0), bucketOf(0.4), bucketOf(1), bucketOf(9999), bucketOf(1e9)]).toEqual([
    0,
    0,
    1,
    BUCKETS - 1,
    BUCKETS - 1,
  ])
})
