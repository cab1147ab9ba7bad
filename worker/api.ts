import { Hono } from 'hono'
import { refusalFrom } from './access/exceptions.ts'
import { apiHeaders, ownSite } from './access/every-request.ts'
import { only } from './access/methods.ts'
import { problemResponse, Refusal } from './access/problem.ts'
import { requestLog } from './request-log.ts'
import type { Ports } from './ports.ts'
import { exposure } from './routes/exposure.ts'
import { health } from './routes/health.ts'
import { llm } from './routes/llm.ts'
import { models } from './routes/models.ts'
import { queue } from './routes/queue.ts'
import { runs } from './routes/runs.ts'
import { v1 } from './routes/v1.ts'

/** The whole HTTP surface on one page. */
export function createApi(ports: Ports) {
  return new Hono()
    .use(requestLog(ports.config))
    .use('/api/*', ownSite, apiHeaders)
    .get('/healthz', (c) => c.json({ status: 'pass' }))
    .all('/healthz', only('GET, HEAD'))
    .route('/api/exposure', exposure(ports))
    .route('/api/health', health(ports))
    .route('/api/llm', llm(ports))
    .route('/api/runs', runs(ports))
    .route('/api/models', models(ports))
    .route('/v1', v1(ports))
    .route('/api/queue', queue(ports))
    .notFound(() => problemResponse(new Refusal('not_found', 'No such route. GET /api/llm lists what is there.')))
    .onError((error) => problemResponse(refusalFrom(error)))
}

export type Api = ReturnType<typeof createApi>
