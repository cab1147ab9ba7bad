import { createMiddleware } from 'hono/factory'
import type { Scope } from '../../src/lib/contract/access.ts'
import type { Ports } from '../ports.ts'
import { callerOf, type Caller, type IdentifiedCaller } from './caller.ts'
import { isAuthorized, denialFor } from './guard.ts'

/**
 * Identifies the caller by `Authorization: Bearer` alone and ignores what browsers send on their own. At this machine without
 * an owner key, any bearer is accepted: OpenAI clients insist on sending one, and there is no key it could match.
 */
export async function callerByToken(ports: Ports, request: Request): Promise<Caller> {
  const caller = await callerOf(ports, without(request, 'cookie', 'cf-access-jwt-assertion'))
  const { runtime, hasOwner } = ports.config
  if (
    caller.who !== 'stranger' ||
    caller.why.problem.code === 'limit' ||
    runtime === 'deployed' ||
    hasOwner
  )
    return caller
  return callerOf(ports, without(request, 'cookie', 'authorization'))
}

function without({ url, method, headers }: Request, ...names: string[]): Request {
  const rest = new Headers(headers)
  for (const name of names) rest.delete(name)
  return new Request(url, { method, headers: rest })
}

/** Admits the owner at this machine, and tokens with the scope. */
export const requiresToken = (ports: Ports, scope: Scope) =>
  createMiddleware<{ Variables: { caller: IdentifiedCaller } }>(async (c, next) => {
    const caller = await callerByToken(ports, c.req.raw)
    if (caller.who === 'stranger' || !isAuthorized(caller, scope)) throw denialFor(caller, scope)
    c.set('caller', caller)
    await next()
  })
