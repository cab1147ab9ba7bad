import { describe, expect, test } from 'vitest'
import { LiveRate } from './live-rate.ts'

/** Samples of a stream with `perSecond` tokens, ten times a second. */
function stream(rate: LiveRate, perSecond: number, from: number, to: number, before = 0) {
  for (let at = from; at <= to; at += 100) rate.take(before + ((at - from) * perSecond) / 1000, at)
}

describe('token rate', () => {
  test('the token rate covers the last seconds, not the whole run', () => {
    const rate = new LiveRate()
    rate.begin(0)
    stream(rate, 100, 0, 10_000)
    expect(rate.at(10_000)).toBeCloseTo(100, 0)
    stream(rate, 20, 10_100, 20_000, 1000)
    expect(rate.at(20_000)).toBeCloseTo(20, 0)
  })

  test('the token rate is unknown in the first moments of a run', () => {
    const rate = new LiveRate()
    rate.begin(0)
    rate.take(50, 0)
    rate.take(60, 100)
    expect(rate.at(100)).toBeNull()
  })

  test('the token rate falls to zero when no more tokens arrive', () => {
    const rate = new LiveRate()
    rate.begin(0)
    stream(rate, 100, 0, 2000)
    expect(rate.at(9000)).toBe(0)
  })

  test('the token rate ignores tokens from before the connection', () => {
    const rate = new LiveRate()
    rate.begin(0, true)
    rate.take(5000, 10)
    rate.take(9000, 950)
    stream(rate, 50, 1000, 3000, 9000)
    expect(rate.at(3000)).toBeCloseTo(50, -1)
  })
})
