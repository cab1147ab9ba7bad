import { createMiddleware } from 'hono/factory'
import { routePath } from 'hono/route'
import type { IdentifiedCaller } from '../auth/caller.ts'
import { HttpProblem } from './problem.ts'
import type { Config } from '../config.ts'
import { log } from '../log.ts'

/** Logs a line for each request, if the configuration says so. */
export const requestLog = ({ logsRequests }: Config) =>
  createMiddleware<{ Variables: { caller?: IdentifiedCaller } }>(async (c, next) => {
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

/** Never a session: even without its secret, its id would show who did what when. */
function nameOf(caller: IdentifiedCaller | undefined): string {
  if (caller === undefined) return 'stranger'
  if (caller.who === 'token') return `token:${caller.id}`
  return caller.who === 'guest' ? `share:${caller.share}` : 'owner'
}

const codeOf = (error: Error | undefined) =>
  error instanceof HttpProblem ? { code: error.problem.cause ?? error.problem.code } : {}
