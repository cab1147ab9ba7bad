import { Hono } from 'hono'
import { refusalFrom } from './access/exceptions.ts'
import { apiHeaders } from './access/every-request.ts'
import { endUnread } from './access/head.ts'
import { only } from './access/methods.ts'
import { problemResponse, Refusal } from './access/problem.ts'
import { requestLog } from './request-log.ts'
import { onceSetUp } from './access/set-up.ts'
import { ownSite } from './access/site.ts'
import type { Ports } from './ports.ts'
import { alerts } from './routes/alerts.ts'
import { exposure } from './routes/exposure.ts'
import { health } from './routes/health.ts'
import { history, incidents, monitor } from './routes/history.ts'
import { llm } from './routes/llm.ts'
import { models } from './routes/models.ts'
import { tellingOwnFaults } from './routes/own-fault.ts'
import { queue } from './routes/queue.ts'
import { runs } from './routes/runs.ts'
import { settings } from './routes/settings.ts'
import { badge, summary } from './routes/badge.ts'
import { status } from './routes/status.ts'
import { shares } from './routes/shares.ts'
import { session, sessions } from './routes/session.ts'
import { tokens } from './routes/tokens.ts'
import { v1 } from './routes/v1.ts'
import { warmth } from './routes/warmth.ts'

/** The whole HTTP surface on one page. */
export function createApi(given: Ports) {
  const ports = tellingOwnFaults(given)
  return new Hono()
    .use(requestLog(ports.config), endUnread)
    .use('/api/*', onceSetUp(ports.config), ownSite(ports.config), apiHeaders)
    .get('/healthz', (c) => c.json({ status: 'pass' }))
    .all('/healthz', only('GET, HEAD'))
    .route('/api/exposure', exposure(ports))
    .route('/api/health', health(ports))
    .route('/api/history', history(ports))
    .route('/api/incidents', incidents(ports))
    .route('/api/monitor', monitor(ports))
    .route('/api/llm', llm(ports))
    .route('/api/runs', runs(ports))
    .route('/api', status(ports))
    .route('/api', badge(ports))
    .route('/api/v2', summary(ports))
    .route('/api/models', models(ports))
    .route('/v1', v1(ports))
    .route('/api/queue', queue(ports))
    .route('/api/session', session(ports))
    .route('/api/sessions', sessions(ports))
    .route('/api/tokens', tokens(ports))
    .route('/api/shares', shares(ports))
    .route('/api', warmth(ports))
    .route('/api/alerts', alerts(ports))
    .route('/api/settings', settings(ports))
    .notFound(() => problemResponse(new Refusal('not_found', 'No such route. GET /api/llm lists what is there.')))
    .onError((error) => problemResponse(refusalFrom(error)))
}

export type Api = ReturnType<typeof createApi>
