import page from '../.svelte-kit/cloudflare/_worker.js'
import { fallbackAlert } from './alerts/fallback.ts'
import { createApi } from './api.ts'
import { foreignHostProblem, unreadablePathProblem } from './auth/same-origin.ts'
import { readConfig } from './config.ts'
import type { Env } from './env.ts'
import { portsOf } from './home/client.ts'
import { problemResponse } from './http/problem.ts'
import { errorResponse } from './openai/errors.ts'

export { Home } from './home/index.ts'

const HOME_NAME = 'home'

function wire(env: Env) {
  const config = readConfig(env)
  const home = () => env.HOME.get(env.HOME.idFromName(HOME_NAME))
  const api = createApi({ config, ...portsOf(home) })
  return { config, home, API: { fetch: (request: Request) => api.fetch(request) } }
}

/** The platform's `env` is the same object for the life of an isolate, so it is read once. */
const wirings = new WeakMap<Env, ReturnType<typeof wire>>()

function wired(env: Env) {
  const wiring = wirings.get(env) ?? wire(env)
  wirings.set(env, wiring)
  return wiring
}

export default {
  async fetch(request, env, ctx) {
    const { config, API } = wired(env)
    const problem = foreignHostProblem(config, request) ?? unreadablePathProblem(request)
    if (problem)
      return new URL(request.url).pathname.startsWith('/v1/')
        ? errorResponse(problem)
        : problemResponse(problem)
    return page.fetch(request, { ...env, API }, ctx)
  },
  /** Once a minute. */
  async scheduled({ scheduledTime }, env) {
    const { config, home } = wired(env)
    const tick = async () => home().tick(scheduledTime)
    // If the object fails twice, the fault is ours, and the owner must be notified.
    await tick()
      .catch(tick)
      .catch(() => fallbackAlert(config.alerts, caches.default, Date.now()))
  },
} satisfies ExportedHandler<Env>
