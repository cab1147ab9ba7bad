import type { Starter } from '../src/lib/contract/access.ts'
import page from '../.svelte-kit/cloudflare/_worker.js'
import { refuseForeignHost, refuseUnreadable } from './auth/same-origin.ts'
import { problemResponse } from './http/problem.ts'
import { fallbackAlert } from './alerts/fallback.ts'
import { createApi } from './api.ts'
import { readConfig } from './config.ts'
import type { Env } from './env.ts'
import type { Home } from './home/index.ts'
import { every } from './timers.ts'
import { errorResponse } from './openai/errors.ts'
import type {
  AccessPort,
  AlertsPort,
  MonitorPort,
  QueueSlot,
  RunsPort,
  SharesPort,
} from './ports.ts'

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
    latest: () => home().latest(),
    access: accessOf(home),
    runs: runsOf(home),
    turn: (...wanted) => turnAt(home(), ...wanted),
    whyNot: (...wanted) => home().whyNot(...wanted),
    exposure: {
      state: (fresh) => home().exposure(fresh),
      kept: () => home().keptExposure(),
      hide: (until) => home().hideExposure(until),
    },
    warmth: {
      start: (request) => home().warmUp(request),
      read: () => home().lastWarmUp(),
      stop: () => home().stopWarmUp(),
      outlooks: (models) => home().outlooks(models),
    },
    settings: {
      read: () => home().readSettings(),
      keep: (kept) => home().keepRuns(kept),
      countOver: (kept) => home().countOver(kept),
    },
    monitor: monitorOf(home),
    alerts: alertsOf(home),
    shares: sharesOf(home),
    queue: { read: () => home().readQueue(), change: ({ atOnce }) => home().allowAtOnce(atOnce) },
  })
  return { config, home, API: { fetch: (request: Request) => api.fetch(request) } }
}

/**
 * How often a place is renewed, so that it is not given to somebody else. What it costs is told along: a request that is broken
 * off is gone before it could say a last word. ms.
 */
const RENEW_EVERY_MS = 1000

/** The place is held by an object of Home's: it is gone with the request that holds it, also while it waits. */
async function turnAt(
  home: DurableObjectStub<Home>,
  starter: Starter,
  model: string,
  left: AbortSignal,
) {
  const turn = await home.turn(starter, model)
  if (turn === null) return null
  let spent = 0
  let isMine = true
  const renew = () => void turn.renew(spent).catch(() => undefined)
  const stopRenewing = every(RENEW_EVERY_MS, renew)
  const place: QueueSlot = {
    count(tokens) {
      const isFirst = spent === 0
      spent = tokens
      if (isFirst) renew()
    },
    giveBack() {
      if (!isMine) return
      isMine = false
      stopRenewing()
      renew()
      turn[Symbol.dispose]()
    },
  }
  left.addEventListener('abort', place.giveBack, { once: true })
  while (!left.aborted && !(await turn.hasCome()));
  if (left.aborted) place.giveBack()
  return place
}

const accessOf = (home: () => DurableObjectStub<Home>): AccessPort => ({
  identify: (...shown) =>
    home()
      .keys()
      .identify(...shown),
  signIn: (attempt) => home().keys().signIn(attempt),
  offerCode: (hash, expiresAt) => home().keys().offerCode(hash, expiresAt),
  sessions: () => home().keys().sessions(),
  endSession: (id) => home().keys().endSession(id),
  endSessionOf: (hash) => home().keys().endSessionOf(hash),
  endSessions: () => home().keys().endSessions(),
  tokens: () => home().keys().tokens(),
  addToken: (token) => home().keys().addToken(token),
  removeToken: (id) => home().keys().removeToken(id),
  takeDeepCheck: (id) => home().keys().takeDeepCheck(id),
})

const sharesOf = (home: () => DurableObjectStub<Home>): SharesPort => ({
  create: (share, asked) => home().sharing().create(share, asked),
  list: () => home().sharing().list(),
  change: (id, change) => home().sharing().change(id, change),
  revoke: (id) => home().sharing().revoke(id),
  open: (knock) => home().sharing().open(knock),
  title: (id) => home().sharing().title(id),
  runsLeft: (id) => home().sharing().runsLeft(id),
  start: (...asked) =>
    home()
      .sharing()
      .start(...asked),
})

const runsOf = (home: () => DurableObjectStub<Home>): RunsPort => ({
  start: (recipe, starter) => home().startRun(recipe, starter),
  startAndWatch: (recipe, starter, credential) => home().startAndWatch(recipe, starter, credential),
  watch: (id, after, viewer, credential) => home().watchRun(id, after, viewer, credential),
  find: (id, viewer) => home().findRun(id, viewer),
  list: (query) => home().listRuns(query),
  export: (choice, format) => home().exportRuns(choice, format),
  stop: (id, viewer) => home().stopRun(id, viewer),
  remove: (id) => home().removeRun(id),
})

const alertsOf = (home: () => DurableObjectStub<Home>): AlertsPort => ({
  view: () => home().alerts(),
  change: (change, origin) => home().changeAlerts(change, origin),
  test: (origin) => home().testAlerts(origin),
  key: () => home().alertKey(),
  subscribe: (subscription, origin) => home().subscribe(subscription, origin),
  unsubscribe: (which) => home().unsubscribe(which),
})

const monitorOf = (home: () => DurableObjectStub<Home>): MonitorPort => ({
  history: (...asked) => home().history(...asked),
  incidents: (query) => home().incidents(query),
  failures: () => home().failures(),
  watch: () => home().watch(),
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
    const refusal = refuseForeignHost(config, request) ?? refuseUnreadable(request)
    if (refusal)
      return new URL(request.url).pathname.startsWith('/v1/')
        ? errorResponse(refusal)
        : problemResponse(refusal)
    return page.fetch(request, { ...env, API }, ctx)
  },
  /** Once a minute. */
  async scheduled({ scheduledTime }, env) {
    const { config, home } = openOnce(env)
    const tick = async () => home().tick(scheduledTime)
    // A home that cannot be reached twice is our fault, and its owner's to know.
    await tick()
      .catch(tick)
      .catch(() => fallbackAlert(config.alerts, caches.default, Date.now()))
  },
} satisfies ExportedHandler<Env>
