import { createMiddleware } from 'hono/factory'
import { routePath } from 'hono/route'
import type { KnownCaller } from '../auth/caller.ts'
import { HttpProblem } from './problem.ts'
import type { Config } from '../config.ts'
import { log } from '../log.ts'

/** A line for each request, where that is wanted. */
export const requestLog = ({ logsRequests }: Config) =>
  createMiddleware<{ Variables: { caller?: KnownCaller } }>(async (c, next) => {
    const startedAt = Date.now()
    await next()
    if (!logsRequests) return
    const { status } = c.res
    const ms = Date.now() - startedAt
    log({
      route: `${c.req.method} ${routePath(c)}`,
      status,
      ms,
      who: nameOf(c.var.caller),
      ...codeOf(c.error),
    })
  })

/** Never a ticket or a session: their ids open nothing, and still say who was when where. */
function nameOf(caller: KnownCaller | undefined): string {
  if (caller === undefined) return 'stranger'
  if (caller.who === 'token') return `token:${caller.id}`
  return caller.who === 'guest' ? `share:${caller.share}` : 'owner'
}

const codeOf = (error: Error | undefined) =>
  error instanceof HttpProblem ? { code: error.problem.cause ?? error.problem.code } : {}
