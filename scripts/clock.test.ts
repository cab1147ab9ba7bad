import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startClock } from './clock.ts'

beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2026, 10, 24, 8, 30, 20) }))
afterEach(() => vi.useRealTimers())

test('the clock rings soon, then at the beginning of every minute, with that minute', async () => {
  const rung: string[] = []
  const stop = startClock(
    async (minute) =>
      void rung.push(
        `${minute.toISOString().slice(11, 19)} at ${new Date().toISOString().slice(14, 19)}`,
      ),
    () => undefined,
  )
  await vi.advanceTimersByTimeAsync(1000)
  expect(rung).toEqual(['08:30:00 at 30:20'])
  await vi.advanceTimersByTimeAsync(2 * 60_000)
  expect(rung.slice(1)).toEqual(['08:31:00 at 31:00', '08:32:00 at 32:00'])
  stop()
  await vi.advanceTimersByTimeAsync(5 * 60_000)
  expect(rung).toHaveLength(3)
})

test('a check that could not be made is told, and the clock goes on; after the end nothing is told', async () => {
  const said: string[] = []
  const stop = startClock(
    () => Promise.reject(new Error('no such worker')),
    (text) => said.push(text),
  )
  await vi.advanceTimersByTimeAsync(61_000)
  expect(said).toHaveLength(2)
  expect(said[0]).toContain('no such worker')
  stop()
  await vi.advanceTimersByTimeAsync(120_000)
  expect(said).toHaveLength(2)
})
