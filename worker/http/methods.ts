import type { Context } from 'hono'
import { HttpProblem } from './problem.ts'

/** Answers every method that a path does not know. Stands behind the path's own methods. */
export const only = (allow: string) => (c: Context) => {
  throw new HttpProblem(
    'unsupported',
    `${c.req.method} is not allowed here. Allowed: ${allow}.`,
    { status: 405 },
    { Allow: allow },
  )
}
