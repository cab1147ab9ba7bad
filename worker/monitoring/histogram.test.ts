import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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

describe('a histogram', () => {
  test('an empty histogram has no percentile', () => {
    expect(percentile(emptyHistogram(), 0.5)).toBe(null)
  })

  test('a percentile of a histogram is within a sixth of the true one', () => {
    fc.assert(
      fc.property(durations, fc.constantFrom(0.5, 0.95, 0.99), (all, share) => {
        const told = percentile(histogramOf(all), share) ?? NaN
        const ratio = told / exact(all, share)
        expect(ratio).toBeGreaterThan(0.84)
        expect(ratio).toBeLessThan(1.17)
      }),
    )
  })

  test('the histogram of two ranges is the sum of both', () => {
    fc.assert(
      fc.property(durations, durations, (one, other) => {
        const together = histogramOf([...one, ...other])
        expect(merge([histogramOf(one), histogramOf(other)])).toEqual(together)
      }),
    )
  })

  test('a histogram has buckets for 0 ms and for very long times', () => {
    expect([bucketOf(0), bucketOf(0.4), bucketOf(1), bucketOf(9999), bucketOf(1e9)]).toEqual([
      0,
      0,
      1,
      BUCKETS - 1,
      BUCKETS - 1,
    ])
  })
})
