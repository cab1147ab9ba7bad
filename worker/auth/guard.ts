import { createMiddleware } from 'hono/factory'
import type { Scope } from '../../src/lib/contract/access.ts'
import type { Ports } from '../ports.ts'
import { refuseOtherBodies } from '../http/body.ts'
import { callerOf, type Caller, type KnownCaller } from './caller.ts'
import { HttpProblem } from '../http/problem.ts'

/**
 * Lets the owner pass, and tokens with the scope. Stands before everything that reads a body: a stranger learns nothing,
 * not even what is wrong with theirs.
 */
export const requires = (
  ports: Ports,
  scope?: Scope,
  guests: 'guests' | 'no guests' = 'no guests',
) =>
  createMiddleware<{ Variables: { caller: KnownCaller } }>(async (c, next) => {
    const caller = await callerOf(ports, c.req.raw)
    const isWelcome = mayPass(caller, scope) || (caller.who === 'guest' && guests === 'guests')
    if (caller.who === 'stranger' || !isWelcome) throw denialFor(caller, scope)
    refuseOtherBodies(c.req.raw)
    c.set('caller', caller)
    await next()
  })

export const mayPass = (caller: Caller, scope?: Scope): boolean =>
  caller.who === 'owner' ||
  (caller.who === 'token' && scope !== undefined && caller.scopes.includes(scope))

/** Why this caller may not pass. */
export function denialFor(caller: Caller, scope?: Scope): HttpProblem {
  if (caller.who === 'stranger') return caller.why
  const detail =
    scope === undefined
      ? 'Only the owner can do this.'
      : `This requires a token with the scope ${scope}.`
  return new HttpProblem('forbidden', detail)
}
