import type { Context } from 'hono'
import { Refusal } from './problem.ts'

/** Answers every method that a path does not know. Stands behind the path's own methods. */
export const only = (allow: string) => (c: Context) => {
  throw new Refusal(
    'unsupported',
    `${c.req.method} is not possible here. Allowed: ${allow}.`,
    { status: 405 },
    { Allow: allow },
  )
}
