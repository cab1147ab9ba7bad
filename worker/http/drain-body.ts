import { createMiddleware } from 'hono/factory'

/** A HEAD is answered as its GET would be, and nobody reads what that has begun to send: it ends at once. */
export const drainBody = createMiddleware(async (c, next) => {
  await next()
  if (c.req.method === 'HEAD') await c.res.body?.cancel()
})
