import type { Context } from 'hono'
import { HttpProblem } from './problem.ts'

/** Rejects all other methods of a path. Goes after the routes for the allowed ones. */
export const allowMethods = (allow: string) => (c: Context) => {
  throw new HttpProblem(
    'unsupported',
    `${c.req.method} is not allowed here. Allowed: ${allow}.`,
    { status: 405 },
    { Allow: allow },
  )
}
