import { createMiddleware } from 'hono/factory'
import { refuseForeignSite } from './caller.ts'
import { API_HEADERS } from './headers.ts'

export const ownSite = createMiddleware(async (c, next) => {
  const refusal = refuseForeignSite(c.req.raw)
  if (refusal) throw refusal
  await next()
})

export const apiHeaders = createMiddleware(async (c, next) => {
  await next()
  for (const [name, value] of Object.entries(API_HEADERS)) {
    if (!c.res.headers.has(name)) c.res.headers.set(name, value)
  }
})
