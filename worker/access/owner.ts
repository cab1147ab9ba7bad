import { createMiddleware } from 'hono/factory'
import type { Ports } from '../ports.ts'
import { callerOf } from './caller.ts'

/** Stands before everything that reads a body: a stranger learns nothing, not even what is wrong with theirs. */
export const ownerOnly = ({ config }: Ports) =>
  createMiddleware(async (c, next) => {
    const caller = callerOf(config, c.req.raw)
    if (caller.who !== 'owner') throw caller.why
    await next()
  })
