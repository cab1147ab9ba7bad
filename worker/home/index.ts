import { DurableObject } from 'cloudflare:workers'
import type { Starter } from '../../src/lib/contract/access.ts'
import type {
  AlertsChange,
  AlertsView,
  Delivery,
  Subscription,
  Unsubscription,
} from '../../src/lib/contract/alerts.ts'
import type { History, IncidentList, Resolution, Watch } from '../../src/lib/contract/history.ts'
import type { QueueState } from '../../src/lib/contract/queue.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type { RunList, RunState, Started } from '../../src/lib/contract/runs.ts'
import type { Outlook, WarmRequest, WarmUp } from '../../src/lib/contract/warmth.ts'
import type { Kept, Settings } from '../../src/lib/contract/settings.ts'
import type { Credential } from '../auth/credential.ts'
import { readConfig } from '../config.ts'
import { probeExposure } from '../diagnosis/exposure-probe.ts'
import type { Env } from '../env.ts'
import type { FormatName } from '../runs/export/formats.ts'
import type {
  CheckRequest,
  Rejection,
  KeptExposure,
  KeptVerdict,
  ListQuery,
  OnFindings,
  RunChoice,
  Weights,
} from '../ports.ts'
import { Alerts } from '../alerts/alerts.ts'
import { Checks } from '../diagnosis/checks.ts'
import { exportOf } from '../runs/export/stream.ts'
import { ExposureWatch } from '../diagnosis/exposure-watch.ts'
import type { IncidentQuery } from '../monitoring/incidents.ts'
import { Auth } from '../auth/auth.ts'
import { loadsOf } from '../models/load-times.ts'
import { Meter } from '../monitoring/meter.ts'
import { Monitor } from '../monitoring/monitor.ts'
import { Queue } from '../runs/queue.ts'
import { PromptDrain } from '../runs/prompt-drain.ts'
import { countOver, forgetOldest, holdingOf } from '../runs/retention.ts'
import { MonitorLoop } from '../monitoring/monitor-loop.ts'
import { chosenRuns, listRuns } from '../runs/run-list.ts'
import { runStoreOf } from '../runs/run-store.ts'
import { Runs, type GuestEnd } from '../runs/runs.ts'
import { migrate } from './schema.ts'
import { settingsOf } from '../settings/store.ts'
import { ShareService } from '../shares/service.ts'
import { Sweep } from './expiry.ts'
import { after } from '../timers.ts'
import { QueueLease } from '../runs/queue-lease.ts'
import { WarmUpTask } from '../models/warm-up.ts'

/** An alarm may take 15 minutes; a run that takes longer is held by the next one. ms. */
const AWAKE_MS = 14 * 60_000
/** Short runs are over by then; longer ones are held whether or not somebody watches. ms. */
const ALARM_AFTER_MS = 1000

const FULL: Rejection = {
  code: 'limit',
  detail: 'Too many runs are waiting already. Stop one, or wait until one is over.',
  retryAfterS: 10,
}

/** The one object that knows the home: it probes, runs, and keeps what must outlive a request. */
export class Home extends DurableObject<Env> {
  readonly #meter = new Meter()
  readonly #sql
  readonly #checks
  readonly #keys
  readonly #store
  readonly #settings
  readonly #queue
  readonly #reading
  readonly #loads
  readonly #needs
  readonly #runs: Runs
  readonly #sharing
  readonly #exposure
  readonly #alerts
  readonly #monitor
  readonly #rounds
  readonly #sweep
  #warming: WarmUpTask | null = null
  #isAlarmSet = false

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    const meter = this.#meter
    const sql = meter.counting(ctx.storage.sql)
    const config = { ...readConfig(env), onSend: () => meter.countRequest() }
    const origin = env.OLLAMA_URL?.trim() ?? ''
    const hasLimit = 'reach' in config.home && config.home.reach === 'public'
    this.#sql = sql
    migrate(sql)
    this.#checks = new Checks(sql, config, origin)
    this.#keys = new Auth(sql, config, (token) => this.#runs.stopAllOf(token))
    this.#settings = settingsOf(sql)
    this.#store = runStoreOf(sql, this.#settings)
    this.#queue = new Queue(this.#settings.read('atOnce'), this.#store.ownerLeftAt())
    this.#loads = loadsOf(sql, origin, hasLimit)
    this.#alerts = new Alerts(sql, config.alerts)
    this.#monitor = new Monitor(ctx.storage, sql, { origin, isDemo: config.demo }, meter)
    this.#monitor.leaveOthers(Date.now(), (alert) => this.#alerts.tell(alert))
    this.#rounds = new MonitorLoop(this.#checks, this.#monitor, this.#alerts)
    this.#sweep = new Sweep(sql)
    const check = (...asked: Parameters<Home['check']>) => this.#checks.check(...asked)
    this.#reading = new PromptDrain(check)
    this.#needs = {
      ...{ config, check, queue: this.#queue, reading: this.#reading, loads: this.#loads },
      onEvidence: (...told: Parameters<MonitorLoop['learn']>) => this.#rounds.learn(...told),
      onGuestEnded: (end: GuestEnd) => this.#sharing.settle(end),
      onSpent: (token: string, tokens: number) => this.#keys.spend(token, tokens),
    }
    this.#sharing = new ShareService(sql, config, this.#store, () => this.#runs)
    this.#runs = new Runs(this.#needs, this.#store, () => this.#keepAwake())
    this.#exposure = new ExposureWatch(this.#settings, origin, () => probeExposure(config))
  }

  check(request: CheckRequest, onFindings?: OnFindings): Promise<KeptVerdict> {
    return this.#checks.check(request, onFindings)
  }

  /** Whether strangers can use the home. Looks once a day by itself when this is called at least that often. */
  exposure(fresh = false): Promise<KeptExposure> {
    return this.#exposure.state(fresh)
  }

  keptExposure(): KeptExposure {
    return this.#exposure.kept()
  }

  hideExposure(until: number): KeptExposure {
    return this.#exposure.hide(until)
  }

  latest(): KeptVerdict | null {
    return this.#checks.latest()
  }

  /** Who may do what. */
  keys(): Auth {
    return this.#keys
  }

  async tick(scheduledMs: number): Promise<void> {
    await this.#rounds.go(scheduledMs)
    this.#sweep.go(Date.now())
    await this.#exposure.state(false)
  }

  history(res: Resolution, from: number, to: number): History {
    return this.#monitor.history(res, from, to)
  }

  incidents(query: IncidentQuery): IncidentList {
    return this.#monitor.incidents(query)
  }

  failures(): string {
    return this.#monitor.failures()
  }

  watch(): Watch {
    const now = Date.now()
    return { ...this.#monitor.watch(now), maintenance: this.#alerts.maintenance(now) }
  }

  /** What is shown to others. */
  sharing(): ShareService {
    return this.#sharing
  }

  startRun(recipe: Recipe, starter: Starter): Started | null {
    return this.#start(recipe, starter)
  }

  /** Why somebody did not get in; by now there may be room again. */
  whyNot(starter: Starter, model: string): Rejection {
    return this.#declines(starter, model) ?? FULL
  }

  /** Starting and watching in one: the way to the first word is one request. */
  startAndWatch(
    recipe: Recipe,
    starter: Starter,
    credential: Credential | null,
  ): { started: Started; events: ReadableStream<Uint8Array> } | null {
    const started = this.#start(recipe, starter)
    const events = started && this.#runs.watch(started.id, 0, this.#stillHolds(credential))
    return events ? { started, events } : null
  }

  watchRun(
    id: string,
    after: number,
    viewer: Starter,
    credential: Credential | null,
  ): ReadableStream<Uint8Array> | null {
    return this.#store.isSeenBy(id, viewer)
      ? this.#runs.watch(id, after, this.#stillHolds(credential))
      : null
  }

  /** As JSON: what a recipe may hold has no end of shapes. */
  findRun(id: string, viewer: Starter): string | null {
    if (!this.#store.isSeenBy(id, viewer)) return null
    this.#runs.settle(id)
    const run = this.#store.find(id)
    return run && JSON.stringify(run)
  }

  listRuns(query: ListQuery): RunList {
    return listRuns(this.#sql, query)
  }

  /** One run after the other, as they are read. */
  exportRuns(choice: RunChoice, format: FormatName): ReadableStream<Uint8Array> {
    const find = (id: string) => {
      this.#runs.settle(id)
      return this.#store.find(id)
    }
    return exportOf(chosenRuns(this.#sql, choice), find, format)
  }

  readSettings(): Settings {
    return this.#settingsNow()
  }

  keepRuns(kept: Kept): Settings {
    this.#settings.write('kept', kept)
    forgetOldest(this.#sql, kept, (id) => this.#store.remove(id))
    return this.#settingsNow()
  }

  /** How many runs would go if no more than this were kept. */
  countOver(kept: Kept): number {
    return countOver(this.#sql, kept)
  }

  stopRun(id: string, viewer: Starter): RunState | null {
    return this.#store.isSeenBy(id, viewer) ? this.#runs.stop(id) : null
  }

  removeRun(id: string): boolean {
    return this.#runs.remove(id)
  }

  readQueue(): QueueState {
    return this.#queueNow()
  }

  allowAtOnce(count: number): QueueState {
    this.#settings.write('atOnce', count)
    this.#queue.atOnce = count
    return this.#queueNow()
  }

  /** A place in the queue for a request that is no run; `null`: they do not get one. */
  turn(starter: Starter, model: string): QueueLease | null {
    const { lane } = starter
    const token = lane === 'token' ? starter.id : null
    if (this.#declines(starter, model)) return null
    return new QueueLease(
      this.#queue,
      { lane, token, model },
      (spent) => token && this.#keys.spend(token, spent),
    )
  }

  #declines(starter: Starter, model: string): Rejection | null {
    if (this.#queue.isFull(starter.lane)) return FULL
    return starter.lane === 'token'
      ? this.#keys.decline(starter.id, model, this.#queue.countOf(starter.id))
      : null
  }

  /** One at a time: `null` while another model is being loaded. */
  warmUp(request: WarmRequest): WarmUp | null {
    const current = this.#warming
    if (current && !current.isOver)
      return current.told().model === request.model ? current.told() : null
    this.#warming = new WarmUpTask(this.#needs, request)
    this.#keepAwake()
    return this.#warming.told()
  }

  lastWarmUp(): WarmUp | null {
    return this.#warming?.told() ?? null
  }

  stopWarmUp() {
    this.#warming?.stop()
  }

  outlooks(models: Weights[]): Outlook[] {
    return models.map((weights) => this.#loads.outlook(weights))
  }

  alerts(): AlertsView {
    return this.#alerts.view(Date.now())
  }

  changeAlerts(change: AlertsChange, origin: string): AlertsView {
    this.#alerts.remember(origin)
    this.#alerts.change(change)
    return this.#alerts.view(Date.now())
  }

  testAlerts(origin: string): Promise<Delivery[]> {
    this.#alerts.remember(origin)
    return this.#alerts.test(Date.now())
  }

  alertKey(): Promise<string | null> {
    return this.#alerts.publicKey()
  }

  subscribe(subscription: Subscription, origin: string): boolean {
    this.#alerts.remember(origin)
    return this.#alerts.subscribe(subscription, Date.now())
  }

  unsubscribe(which: Unsubscription): boolean {
    return this.#alerts.unsubscribe(which)
  }

  /** Awaits what is under way, which keeps the object alive without anybody watching. */
  override async alarm() {
    let cancel = () => {}
    const late = new Promise<void>((resume) => (cancel = after(AWAKE_MS, resume)))
    await Promise.race([Promise.all([this.#runs.idle(), this.#warming?.over]), late])
    cancel()
    this.#isAlarmSet = false
    if (this.#runs.isBusy || this.#warming?.isOver === false) this.#keepAwake()
  }

  // Whatever is called from outside is a request of the free plan’s day.
  static {
    for (const name of Object.getOwnPropertyNames(Home.prototype).filter(
      (name) => name !== 'constructor',
    )) {
      const method = Reflect.get(Home.prototype, name) as (...asked: unknown[]) => unknown
      const counted = function (this: Home, ...asked: unknown[]) {
        this.#meter.countCall()
        return Reflect.apply(method, this, asked)
      }
      Reflect.set(Home.prototype, name, counted)
    }
  }

  #start(recipe: Recipe, starter: Starter): Started | null {
    return this.#declines(starter, recipe.model) ? null : this.#runs.start(recipe, starter)
  }

  #settingsNow(): Settings {
    return { kept: this.#settings.read('kept'), holds: holdingOf(this.#sql) }
  }

  #queueNow(): QueueState {
    return { atOnce: this.#queue.atOnce, entries: this.#queue.list(), reading: this.#reading.now }
  }

  /** A stream asks at every heartbeat. `null`: the person at this machine, whom nothing ends. */
  #stillHolds(credential: Credential | null): () => boolean {
    return () => credential === null || this.#keys.identify(credential) !== null
  }

  #keepAwake() {
    if (this.#isAlarmSet) return
    this.#isAlarmSet = true
    void this.ctx.storage.setAlarm(Date.now() + ALARM_AFTER_MS)
  }
}
