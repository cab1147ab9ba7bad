import { expect, test } from 'vitest'
import { isFresh } from './recent-auth.ts'

const MINUTE_MS = 60_000
const credential = { kind: 'session', hash: '' } as const
const owner = (keyAt: number | null) => ({ who: 'owner', session: null, keyAt }) as const

test('a re-authentication counts for five minutes, for every sign-in method', () => {
  const now = Date.now()
  expect(isFresh({ ...owner(now - 4 * MINUTE_MS), credential })).toBe(true)
  expect(isFresh({ ...owner(now - 6 * MINUTE_MS), credential })).toBe(false)
  // A code shows no key. Access told long ago that it asked.
  expect(isFresh({ ...owner(null), credential })).toBe(false)
  expect(isFresh({ ...owner(now - 6 * MINUTE_MS), credential: null })).toBe(false)
  expect(
    isFresh({ who: 'token', id: 'a', scopes: ['runs:write'], models: [], waitMs: 0, credential }),
  ).toBe(false)
})
