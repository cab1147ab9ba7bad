import { createMiddleware } from 'hono/factory'
import type { IdentifiedCaller } from './caller.ts'
import { HttpProblem } from '../http/problem.ts'

const RECENT_MS = 5 * 60_000

/** Re-authentication before actions that cannot be undone: an unattended browser must not be enough. Goes after `requires`. */
export const requireRecentAuth = createMiddleware<{ Variables: { caller: IdentifiedCaller } }>(
  async (c, next) => {
    if (!isRecentlyAuthenticated(c.var.caller))
      throw new HttpProblem(
        'forbidden',
        'For security, enter the owner key again. You then have five minutes to finish.',
      )
    await next()
  },
)

/** The person at this machine has no key, and always counts as recently authenticated. Access reports when it asked. */
export const isRecentlyAuthenticated = (caller: IdentifiedCaller): boolean =>
  caller.who === 'owner' && caller.keyAt !== null && Date.now() - caller.keyAt <= RECENT_MS
