import { createMiddleware } from 'hono/factory'

/** HEAD runs the route of GET. Nothing reads the body that the route may have begun to stream, so it is cancelled. */
export const drainBody = createMiddleware(async (c, next) => {
  await next()
  if (c.req.method === 'HEAD') await c.res.body?.cancel()
})
