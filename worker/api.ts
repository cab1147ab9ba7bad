import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { HTTPException } from 'hono/http-exception'
import { refuseForeignSite } from './access/caller.ts'
import { API_HEADERS } from './access/headers.ts'
import { only } from './access/methods.ts'
import { problemResponse, Refusal } from './access/problem.ts'
import type { Ports } from './ports.ts'
import { health } from './routes/health.ts'
import { llm } from './routes/llm.ts'
import { runs } from './routes/runs.ts'
import { settings } from './routes/settings.ts'

/** The whole HTTP surface on one page. */
export function createApi(ports: Ports) {
  return new Hono()
    .use('/api/*', ownSite, apiHeaders)
    .get('/healthz', (c) => c.json({ status: 'pass' }))
    .all('/healthz', only('GET, HEAD'))
    .route('/api/health', health(ports))
    .route('/api/llm', llm(ports))
    .route('/api/runs', runs(ports))
    .route('/api/settings', settings(ports))
    .notFound(() => problemResponse(new Refusal('not_found', 'No such route. GET /api/llm lists what is there.')))
    .onError((error) => problemResponse(refusalOf(error)))
}

export type Api = ReturnType<typeof createApi>

const ownSite = createMiddleware(async (c, next) => {
  const refusal = refuseForeignSite(c.req.raw)
  if (refusal) throw refusal
  await next()
})

const apiHeaders = createMiddleware(async (c, next) => {
  await next()
  for (const [name, value] of Object.entries(API_HEADERS)) {
    if (!c.res.headers.has(name)) c.res.headers.set(name, value)
  }
})

/** The one place where an exception becomes an answer. What is not a refusal is a bug: it gets an id, never a stack. */
function refusalOf(error: Error): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof HTTPException && error.status === 400)
    return new Refusal('invalid', 'The body is not JSON that can be read.', { status: 400 })
  const id = crypto.randomUUID()
  console.error(JSON.stringify({ t: new Date().toISOString(), code: 'internal', id, error: error.name }), error.stack)
  return new Refusal('internal', 'This is our fault. Try again; if it stays, tell us the id.', { id })
}
