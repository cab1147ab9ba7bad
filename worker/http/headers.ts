import { createMiddleware } from 'hono/factory'
import { SECURITY_HEADERS } from '../../src/lib/contract/headers.ts'

/** API responses are data: no cache stores them, and no page embeds them. */
export const API_HEADERS = {
  ...SECURITY_HEADERS,
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
} as const

/** Adds the headers that a route has not set itself. */
export const apiHeaders = createMiddleware(async (c, next) => {
  await next()
  for (const [name, value] of Object.entries(API_HEADERS))
    if (!c.res.headers.has(name)) c.res.headers.set(name, value)
})
