import { expect, test } from 'vitest'
import { isRecentlyAuthenticated } from './recent-auth.ts'

const MINUTE_MS = 60_000
const credential = { kind: 'session', hash: '' } as const
const owner = (keyAt: number | null) => ({ who: 'owner', session: null, keyAt }) as const

test('a re-authentication counts for five minutes, for every sign-in method', () => {
  const now = Date.now()
  expect(isRecentlyAuthenticated({ ...owner(now - 4 * MINUTE_MS), credential })).toBe(true)
  expect(isRecentlyAuthenticated({ ...owner(now - 6 * MINUTE_MS), credential })).toBe(false)
  // A code is not the key; the Access sign-in is too long ago.
  expect(isRecentlyAuthenticated({ ...owner(null), credential })).toBe(false)
  expect(isRecentlyAuthenticated({ ...owner(now - 6 * MINUTE_MS), credential: null })).toBe(false)
  expect(
    isRecentlyAuthenticated({
      who: 'token',
      id: 'a',
      scopes: ['runs:write'],
      models: [],
      waitMs: 0,
      credential,
    }),
  ).toBe(false)
})
