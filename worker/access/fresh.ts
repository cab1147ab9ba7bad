import { createMiddleware } from 'hono/factory'
import type { KnownCaller } from './caller.ts'
import { Refusal } from './problem.ts'

/** ms since the owner key was shown. */
const FRESH_MS = 5 * 60_000

/** Stands after `requires`, before what cannot be undone: a browser that was left open is not enough. */
export const freshly = createMiddleware<{ Variables: { caller: KnownCaller } }>(async (c, next) => {
  const { caller } = c.var
  const keyAt = caller.who === 'owner' ? caller.keyAt : null
  if (keyAt === null || Date.now() - keyAt > FRESH_MS)
    throw new Refusal('forbidden', 'This needs the owner key anew: show it again, then within five minutes do this.')
  await next()
})
