import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { AuthPort } from './port.ts'
import type { KnownCaller } from './caller.ts'
import { refusalIn, whileHere } from './revalidate-stream.ts'

const caller: KnownCaller = {
  who: 'owner',
  session: 'a',
  keyAt: null,
  credential: { kind: 'session', hash: 'b' },
}
const known = { who: 'owner', session: 'a', keyAt: null } as const
const hereWhile = (identify: AuthPort['identify']) =>
  whileHere({ auth: { identify } as AuthPort }, caller)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('who is known goes on, and is asked about no more once it is over', async () => {
  const identify = vi.fn(async () => known)
  const { left, stop } = hereWhile(identify)
  await vi.advanceTimersByTimeAsync(20_000)
  stop()
  const asked = identify.mock.calls.length
  await vi.advanceTimersByTimeAsync(20_000)
  expect([left.aborted, asked > 0, identify.mock.calls.length]).toEqual([false, true, asked])
})

test('who is not known any more is told so within ten seconds, and it is nobody’s home that is at fault', async () => {
  const { left, stop } = hereWhile(async () => null)
  await vi.advanceTimersByTimeAsync(10_000)
  stop()
  expect(left.aborted).toBe(true)
  expect(refusalIn(left)?.problem.code).toBe('not_signed_in')
})

test('a Home that does not answer for a moment sends nobody away', async () => {
  let isAway = true
  const { left, stop } = hereWhile(async () => {
    if (isAway) throw new Error('Durable Object reset')
    return known
  })
  await vi.advanceTimersByTimeAsync(10_000)
  isAway = false
  await vi.advanceTimersByTimeAsync(10_000)
  stop()
  expect(left.aborted).toBe(false)
})
