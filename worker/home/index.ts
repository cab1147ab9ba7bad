import { DurableObject } from 'cloudflare:workers'
import { Alerts } from '../alerts/alerts.ts'
import { AlertsService } from '../alerts/service.ts'
import { Auth } from '../auth/auth.ts'
import { readConfig } from '../config.ts'
import { Checks } from '../diagnosis/checks.ts'
import { probeExposure } from '../diagnosis/exposure-probe.ts'
import { ExposureWatch } from '../diagnosis/exposure-watch.ts'
import type { Env } from '../env.ts'
import { LoadTimes } from '../models/load-times.ts'
import { WarmUpService } from '../models/warm-up-service.ts'
import { Meter } from '../monitoring/meter.ts'
import { MonitorLoop } from '../monitoring/monitor-loop.ts'
import { Monitor } from '../monitoring/monitor.ts'
import { MonitoringService } from '../monitoring/service.ts'
import type { HomePorts, Implements } from '../ports.ts'
import { PromptDrain } from '../runs/prompt-drain.ts'
import { QueueService } from '../runs/queue-service.ts'
import { Queue } from '../runs/queue.ts'
import { RunStore } from '../runs/run-store.ts'
import { Runs } from '../runs/runs.ts'
import { RunsService } from '../runs/service.ts'
import { SettingsService } from '../settings/service.ts'
import { SettingsStore } from '../settings/store.ts'
import { ShareService } from '../shares/service.ts'
import { after } from '../timers.ts'
import { Expiry } from './expiry.ts'
import { migrate } from './schema.ts'

/** An alarm may take 15 minutes; the next alarm keeps the object awake for a longer run. */
const AWAKE_MS = 14 * 60_000
/** Short runs finish earlier and need no alarm. */
const ALARM_AFTER_MS = 1000

type Features = { [Name in keyof HomePorts]: () => Implements<HomePorts[Name]> }

/** The one object for the home. It builds the features, offers them over RPC, and runs the tick. */
export class Home extends DurableObject<Env> implements Features {
  readonly #meter = new Meter()
  readonly #features
  readonly #loop
  readonly #expiry
  readonly #runs: Runs
  #isAlarmSet = false

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    const meter = this.#meter
    const sql = meter.counting(ctx.storage.sql)
    const config = { ...readConfig(env), onSend: () => meter.countRequest() }
    const origin = env.OLLAMA_URL?.trim() ?? ''
    const hasLimit = 'reach' in config.home && config.home.reach === 'public'
    const keepAwake = () => this.#keepAwake()
    migrate(sql)

    const diagnosis = new Checks(sql, config, origin)
    const auth: Auth = new Auth(sql, config, (token) => this.#runs.stopAllOf(token))
    const settings = new SettingsStore(sql)
    const store = new RunStore(sql, settings)
    const queue = new Queue(settings.read('atOnce'), store.ownerLastEndedAt())
    const loadTimes = new LoadTimes(sql, origin, hasLimit)
    const alerts = new Alerts(sql, config.alerts)
    const monitor = new Monitor(ctx.storage, sql, { origin, isDemo: config.demo }, meter)
    monitor.abandonOthers(Date.now(), (alert) => alerts.enqueue(alert))
    this.#loop = new MonitorLoop(diagnosis, monitor, alerts)
    this.#expiry = new Expiry(sql)

    const drain = new PromptDrain((request) => diagnosis.check(request))
    const shares: ShareService = new ShareService(sql, config, store, () => this.#runs)
    const needs = { config, diagnosis, queue, loadTimes }
    this.#runs = new Runs(
      {
        ...needs,
        drain,
        onEvidence: (problem) => this.#loop.addRun(problem),
        onGuestEnded: (end) => shares.guestRunEnded(end),
        onSpent: (token, tokens) => auth.recordUsage(token, tokens),
      },
      store,
      keepAwake,
    )
    const runQueue = new QueueService({ queue, drain, settings, auth })
    this.#features = {
      alerts: new AlertsService(alerts),
      auth,
      diagnosis,
      exposure: new ExposureWatch(settings, origin, () => probeExposure(config)),
      monitoring: new MonitoringService(monitor, (now) => alerts.maintenance(now)),
      runQueue,
      runs: new RunsService({
        sql,
        store,
        runs: this.#runs,
        runQueue,
        isValid: (credential) => auth.identify(credential) !== null,
      }),
      settings: new SettingsService(settings, store.retention),
      shares,
      warmUp: new WarmUpService(needs, keepAwake),
    }
  }

  alerts() {
    return this.#feature('alerts')
  }

  auth() {
    return this.#feature('auth')
  }

  diagnosis() {
    return this.#feature('diagnosis')
  }

  exposure() {
    return this.#feature('exposure')
  }

  monitoring() {
    return this.#feature('monitoring')
  }

  runQueue() {
    return this.#feature('runQueue')
  }

  runs() {
    return this.#feature('runs')
  }

  settings() {
    return this.#feature('settings')
  }

  shares() {
    return this.#feature('shares')
  }

  warmUp() {
    return this.#feature('warmUp')
  }

  async tick(scheduledMs: number): Promise<void> {
    this.#meter.countCall()
    await this.#loop.tick(scheduledMs)
    this.#expiry.purge(Date.now())
    await this.#features.exposure.state(false)
  }

  /** Waits for the running work, which keeps the object in memory without a client. */
  override async alarm() {
    this.#meter.countCall()
    const { warmUp } = this.#features
    let cancel = () => {}
    const timeout = new Promise<void>((resolve) => (cancel = after(AWAKE_MS, resolve)))
    await Promise.race([Promise.all([this.#runs.idle(), warmUp.idle()]), timeout])
    cancel()
    this.#isAlarmSet = false
    if (this.#runs.isBusy || warmUp.isBusy) this.#keepAwake()
  }

  /** Each call from outside is one request of the free plan's daily allowance. */
  #feature<Name extends keyof HomePorts>(name: Name) {
    this.#meter.countCall()
    return this.#features[name]
  }

  #keepAwake() {
    if (this.#isAlarmSet) return
    this.#isAlarmSet = true
    void this.ctx.storage.setAlarm(Date.now() + ALARM_AFTER_MS)
  }
}
