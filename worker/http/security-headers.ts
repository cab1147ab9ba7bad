import { createMiddleware } from 'hono/factory'
import { API_HEADERS } from './headers.ts'

export const securityHeaders = createMiddleware(async (c, next) => {
  await next()
  for (const [name, value] of Object.entries(API_HEADERS)) {
    if (!c.res.headers.has(name)) c.res.headers.set(name, value)
  }
})
