import { expect, test } from 'vitest'
import { readConfig } from '../config.ts'
import { HttpProblem } from '../http/problem.ts'
import type { Caller } from './caller.ts'
import { statusViewFor } from './guard.ts'

const CALLERS = {
  owner: { who: 'owner', session: null, keyAt: null, credential: null },
  token: {
    who: 'token',
    id: 'a',
    scopes: ['status:read'],
    models: [],
    waitMs: 0,
    credential: null,
  },
  stranger: { who: 'stranger', why: new HttpProblem('not_signed_in', 'Sign in first.') },
} as const satisfies Record<string, Caller>

test.each(['cause', 'state', 'off'] as const)(
  'PUBLIC_STATUS=%s limits strangers, and tokens only where the route accepts no token',
  (PUBLIC_STATUS) => {
    const config = readConfig({ PUBLIC_STATUS })
    expect(statusViewFor(CALLERS.owner, config)).toBe('all')
    expect(statusViewFor(CALLERS.token, config, 'status:read')).toBe('all')
    expect(statusViewFor(CALLERS.token, config, 'runs:write')).toBe(PUBLIC_STATUS)
    expect(statusViewFor(CALLERS.token, config)).toBe(PUBLIC_STATUS)
    expect(statusViewFor(CALLERS.stranger, config, 'status:read')).toBe(PUBLIC_STATUS)
  },
)
