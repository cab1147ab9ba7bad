import { Hono } from 'hono'
import { httpProblemFrom } from './http/exceptions.ts'
import { apiHeaders } from './http/headers.ts'
import { drainBody } from './http/drain-body.ts'
import { allowMethods } from './http/methods.ts'
import { problemResponse, HttpProblem } from './http/problem.ts'
import { requestLog } from './http/request-log.ts'
import { setupGuard } from './auth/setup-guard.ts'
import { sameOrigin } from './auth/same-origin.ts'
import type { Ports } from './ports.ts'
import { alerts } from './alerts/routes.ts'
import { exposure } from './diagnosis/exposure-routes.ts'
import { health } from './diagnosis/health-routes.ts'
import { history, incidents, monitor } from './monitoring/routes.ts'
import { llm } from './llm/routes.ts'
import { models } from './models/routes.ts'
import { reportingOwnFaults } from './diagnosis/own-fault.ts'
import { queue } from './runs/queue-routes.ts'
import { runs } from './runs/routes.ts'
import { settings } from './settings/routes.ts'
import { badge, summary } from './status/badge-routes.ts'
import { status } from './status/routes.ts'
import { shares } from './shares/routes.ts'
import { session, sessions } from './auth/session-routes.ts'
import { tokens } from './auth/token-routes.ts'
import { v1 } from './openai/routes.ts'
import { warmth } from './models/warm-up-routes.ts'

/** All routes on one page. */
export function createApi(homePorts: Ports) {
  const ports = reportingOwnFaults(homePorts)
  return new Hono()
    .use(requestLog(ports.config), drainBody)
    .use('/api/*', setupGuard(ports.config), sameOrigin(ports.config), apiHeaders)
    .get('/healthz', (c) => c.json({ status: 'pass' }))
    .all('/healthz', allowMethods('GET, HEAD'))
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
    .notFound(() =>
      problemResponse(
        new HttpProblem('not_found', 'No such route. GET /api/llm lists the routes.'),
      ),
    )
    .onError((error) => problemResponse(httpProblemFrom(error)))
}

export type Api = ReturnType<typeof createApi>
