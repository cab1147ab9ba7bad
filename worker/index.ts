import page from '../.svelte-kit/cloudflare/_worker.js'
import { refuseForeignHost } from './access/caller.ts'
import { problemResponse } from './access/problem.ts'
import { createApi } from './api.ts'
import { readConfig } from './config.ts'
import type { Env } from './env.ts'
import type { Home } from './home/index.ts'
import type { RunsPort } from './ports.ts'

export { Home } from './home/index.ts'

/** One home, one object. */
const HOME_NAME = 'home'

function open(env: Env) {
  const config = readConfig(env)
  // A stub belongs to the request that made it.
  const home = () => env.HOME.get(env.HOME.idFromName(HOME_NAME))
  const api = createApi({
    config,
    check: (...asked) => home().check(...asked),
    runs: runsOf(home),
    settings: {
      read: () => home().readSettings(),
      keep: (kept) => home().keepRuns(kept),
      countOver: (kept) => home().countOver(kept),
    },
    turn: async () => {
      const turn = await home().turn()
      return () => turn[Symbol.dispose]()
    },
  })
  return { config, API: { fetch: (request: Request) => api.fetch(request) } }
}

const runsOf = (home: () => DurableObjectStub<Home>): RunsPort => ({
  start: (recipe, starter) => home().startRun(recipe, starter),
  startAndWatch: (recipe, starter) => home().startAndWatch(recipe, starter),
  watch: (id, after, viewer) => home().watchRun(id, after, viewer),
  find: (id, viewer) => home().findRun(id, viewer),
  list: (query) => home().listRuns(query),
  export: (choice, format) => home().exportRuns(choice, format),
  stop: (id, viewer) => home().stopRun(id, viewer),
  remove: (id) => home().removeRun(id),
})

/** A platform's `env` is the same object for the life of an isolate, so its reading is too. */
const opened = new WeakMap<Env, ReturnType<typeof open>>()

function openOnce(env: Env) {
  const known = opened.get(env) ?? open(env)
  opened.set(env, known)
  return known
}

export default {
  async fetch(request, env, ctx) {
    const { config, API } = openOnce(env)
    const refusal = refuseForeignHost(config, request)
    if (refusal) return problemResponse(refusal)
    return page.fetch(request, { ...env, API }, ctx)
  },
} satisfies ExportedHandler<Env>
