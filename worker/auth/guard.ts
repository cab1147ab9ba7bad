import { createMiddleware } from 'hono/factory'
import type { Scope } from '../../src/lib/contract/access.ts'
import type { Config } from '../config.ts'
import type { Ports } from '../ports.ts'
import { requireJsonBody } from '../http/body.ts'
import { callerOf, type Caller, type IdentifiedCaller } from './caller.ts'
import { HttpProblem } from '../http/problem.ts'

/**
 * Admits the owner, and tokens with the scope. Runs before anything reads the body, so that a stranger learns nothing,
 * not even what is wrong with it.
 */
export const requires = (
  ports: Ports,
  scope?: Scope,
  guests: 'guests' | 'no guests' = 'no guests',
) =>
  createMiddleware<{ Variables: { caller: IdentifiedCaller } }>(async (c, next) => {
    const caller = await callerOf(ports, c.req.raw)
    const isAllowed = isAuthorized(caller, scope) || (caller.who === 'guest' && guests === 'guests')
    if (caller.who === 'stranger' || !isAllowed) throw denialFor(caller, scope)
    requireJsonBody(c.req.raw)
    c.set('caller', caller)
    await next()
  })

export const isAuthorized = (caller: Caller, scope?: Scope): boolean =>
  caller.who === 'owner' ||
  (caller.who === 'token' && scope !== undefined && caller.scopes.includes(scope))

/** How much of the home’s status a caller may see: everything, or what PUBLIC_STATUS shows to strangers. */
export const statusViewFor = (
  caller: Caller,
  { publicStatus }: Config,
  scope?: Scope,
): 'all' | Config['publicStatus'] => (isAuthorized(caller, scope) ? 'all' : publicStatus)

/** Why this caller is not authorized. */
export function denialFor(caller: Caller, scope?: Scope): HttpProblem {
  if (caller.who === 'stranger') return caller.why
  const detail =
    scope === undefined
      ? 'Only the owner can do this.'
      : `This requires a token with the scope ${scope}.`
  return new HttpProblem('forbidden', detail)
}
