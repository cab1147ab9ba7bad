import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { AuthPort } from './port.ts'
import type { IdentifiedCaller } from './caller.ts'
import { revocationIn, revalidatedSignal } from './revalidate-stream.ts'

const caller: IdentifiedCaller = {
  who: 'owner',
  session: 'a',
  keyAt: null,
  credential: { kind: 'session', hash: 'b' },
}
const known = { who: 'owner', session: 'a', keyAt: null } as const
const hereWhile = (identify: AuthPort['identify']) =>
  revalidatedSignal({ auth: { identify } as AuthPort }, caller)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('a stream of a valid session continues and is not revalidated after its end', async () => {
  const identify = vi.fn(async () => known)
  const { left, stop } = hereWhile(identify)
  await vi.advanceTimersByTimeAsync(20_000)
  stop()
  const asked = identify.mock.calls.length
  await vi.advanceTimersByTimeAsync(20_000)
  expect([left.aborted, asked > 0, identify.mock.calls.length]).toEqual([false, true, asked])
})

test('a stream of an ended session ends within ten seconds, without blaming the home', async () => {
  const { left, stop } = hereWhile(async () => null)
  await vi.advanceTimersByTimeAsync(10_000)
  stop()
  expect(left.aborted).toBe(true)
  expect(revocationIn(left)?.problem.code).toBe('not_signed_in')
})

test('a stream survives a moment in which the Durable Object does not respond', async () => {
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
