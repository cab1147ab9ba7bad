import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startClock } from './clock.ts'

beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2026, 10, 24, 8, 30, 20) }))
afterEach(() => vi.useRealTimers())

test('the clock ticks soon after the start, then at the beginning of every minute', async () => {
  const ticks: string[] = []
  const stop = startClock(
    (minute) => {
      ticks.push(
        `${minute.toISOString().slice(11, 19)} at ${new Date().toISOString().slice(14, 19)}`,
      )
      return Promise.resolve()
    },
    () => undefined,
  )
  await vi.advanceTimersByTimeAsync(1000)
  expect(ticks).toEqual(['08:30:00 at 30:20'])
  await vi.advanceTimersByTimeAsync(2 * 60_000)
  expect(ticks.slice(1)).toEqual(['08:31:00 at 31:00', '08:32:00 at 32:00'])
  stop()
  await vi.advanceTimersByTimeAsync(5 * 60_000)
  expect(ticks).toHaveLength(3)
})

test('a tick that fails is logged and the clock goes on; a stopped clock logs nothing', async () => {
  const logged: string[] = []
  const stop = startClock(
    () => Promise.reject(new Error('no such worker')),
    (text) => logged.push(text),
  )
  await vi.advanceTimersByTimeAsync(61_000)
  expect(logged).toHaveLength(2)
  expect(logged[0]).toContain('no such worker')
  stop()
  await vi.advanceTimersByTimeAsync(120_000)
  expect(logged).toHaveLength(2)
})
