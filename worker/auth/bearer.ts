import { createMiddleware } from 'hono/factory'
import type { Scope } from '../../src/lib/contract/access.ts'
import type { Ports } from '../ports.ts'
import { callerOf, type Caller, type KnownCaller } from './caller.ts'
import { mayPass, denialFor } from './guard.ts'

/**
 * Who asks, by `Authorization: Bearer` alone: what a browser sends by itself counts for nothing here. Without an owner key,
 * at this machine, any key will do and none, too: clients must send one, and there is nothing that it could open.
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
  const left = new Headers(headers)
  for (const name of names) left.delete(name)
  return new Request(url, { method, headers: left })
}

/** Lets the owner at this machine pass, and tokens with the scope. */
export const requiresToken = (ports: Ports, scope: Scope) =>
  createMiddleware<{ Variables: { caller: KnownCaller } }>(async (c, next) => {
    const caller = await callerByToken(ports, c.req.raw)
    if (caller.who === 'stranger' || !mayPass(caller, scope)) throw denialFor(caller, scope)
    c.set('caller', caller)
    await next()
  })
