import { createMiddleware } from 'hono/factory'
import type { KnownCaller } from './caller.ts'
import { HttpProblem } from '../http/problem.ts'

/** ms since the owner key was shown. */
const FRESH_MS = 5 * 60_000

/** Stands after `requires`, before what cannot be undone: a browser that was left open is not enough. */
export const requireRecentAuth = createMiddleware<{ Variables: { caller: KnownCaller } }>(
  async (c, next) => {
    if (!isFresh(c.var.caller))
      throw new HttpProblem(
        'forbidden',
        'For security, enter the owner key again. You then have five minutes to finish.',
      )
    await next()
  },
)

/** The person at this machine has no key to show, and counts as having shown one now. Cloudflare Access tells when it asked. */
export const isFresh = (caller: KnownCaller): boolean =>
  caller.who === 'owner' && caller.keyAt !== null && Date.now() - caller.keyAt <= FRESH_MS
