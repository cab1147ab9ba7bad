import { describe, expect, test } from 'vitest'
import { LiveRate } from './live-rate.ts'

/** `perSecond` tokens from `from` to `to`, ten times a second. */
function stream(rate: LiveRate, perSecond: number, from: number, to: number, before = 0) {
  for (let at = from; at <= to; at += 100) rate.take(before + ((at - from) * perSecond) / 1000, at)
}

describe('how fast tokens come', () => {
  test('is what the last seconds were, not the whole run', () => {
    const rate = new LiveRate()
    rate.begin(0)
    stream(rate, 100, 0, 10_000)
    expect(rate.at(10_000)).toBeCloseTo(100, 0)
    stream(rate, 20, 10_100, 20_000, 1000)
    expect(rate.at(20_000)).toBeCloseTo(20, 0)
  })

  test('is not told of the first moments', () => {
    const rate = new LiveRate()
    rate.begin(0)
    rate.take(50, 0)
    rate.take(60, 100)
    expect(rate.at(100)).toBeNull()
  })

  test('goes to nothing when nothing comes any more', () => {
    const rate = new LiveRate()
    rate.begin(0)
    stream(rate, 100, 0, 2000)
    expect(rate.at(9000)).toBe(0)
  })

  test('what was written while nobody looked is not counted as if it came now', () => {
    const rate = new LiveRate()
    rate.begin(0, true)
    rate.take(5000, 10)
    rate.take(9000, 950)
    stream(rate, 50, 1000, 3000, 9000)
    expect(rate.at(3000)).toBeCloseTo(50, -1)
  })
})
