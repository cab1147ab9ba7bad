import { DurableObject } from 'cloudflare:workers'
import type { Starter } from '../../src/lib/contract/access.ts'
import type { History, IncidentList, Resolution, Watch } from '../../src/lib/contract/history.ts'
import type { Problem } from '../../src/lib/contract/problem.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type { RunList, RunState, Started } from '../../src/lib/contract/runs.ts'
import type { Verdict } from '../../src/lib/diagnosis/index.ts'
import { readConfig } from '../config.ts'
import { diagnose } from '../diagnosis/diagnose.ts'
import type { Env } from '../env.ts'
import type { CheckRequest, KeptVerdict, OnFindings } from '../ports.ts'
import { levelOf, probeOf, troubleOfRun, type RunEvidence } from '../monitor/probe.ts'
import { MINUTE_MS } from '../monitor/step.ts'
import type { IncidentQuery } from './incidents.ts'
import { Meter } from './meter.ts'
import { Monitor } from './monitor.ts'
import { runStoreOf, type ListQuery } from './run-store.ts'
import { Runs } from './runs.ts'
import { migrate } from './schema.ts'
import { after } from './timers.ts'
import type { Turn } from './turn.ts'
import { verdictsOf } from './verdicts.ts'

/** A verdict this young is told again without asking the home. ms. */
const FRESH_MS = 15_000
/** An alarm may take 15 minutes; a run that takes longer is held by the next one. ms. */
const AWAKE_MS = 14 * 60_000
/** Short runs are over by then; longer ones are held whether or not somebody watches. ms. */
const ALARM_AFTER_MS = 1000
/**
 * A minute's check that fails is made again after each of these, before anything is believed; less often when the minute
 * before has failed, too. ms.
 */
const LOOK_AGAIN_MS = { well: [2000, 8000], suspect: [2000], down: [] } as const
/** Runs that are remembered from one minute to the next. */
const MOST_EVIDENCE = 50

/** `nth`: in the order in which checks began. */
interface Measured {
  nth: number
  verdict: Verdict
}

/** The one object that knows the home: it probes, runs, and keeps what must outlive a request. */
export class Home extends DurableObject<Env> {
  readonly #config
  readonly #verdicts
  readonly #store
  readonly #runs
  #checking: Promise<KeptVerdict> | null = null
  /** Checks are counted as they begin; the newest that has ended is kept. */
  #begun = 0
  #newest = 0
  #isAlarmSet = false
  readonly #monitor
  #evidence: RunEvidence[] = []
  #ticking: Promise<void> = Promise.resolve()

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    const meter = new Meter()
    const sql = meter.counting(ctx.storage.sql)
    this.#config = { ...readConfig(env), onSend: () => meter.countRequest() }
    migrate(sql)
    const origin = env.OLLAMA_URL?.trim() ?? ''
    this.#verdicts = verdictsOf(sql, origin)
    this.#store = runStoreOf(sql)
    this.#monitor = new Monitor(ctx.storage, sql, { origin, isDemo: this.#config.demo }, meter)
    const needs = {
      config: this.#config,
      check: (...asked: Parameters<Home['check']>) => this.check(...asked),
      onEvidence: (problem: Problem | null) => this.#learn(problem),
    }
    this.#runs = new Runs(needs, this.#store, () => this.#keepAwake())
  }

  /** The state of the home. Checks at once that are not `fresh` share one probe; `fresh` uses no older evidence. */
  async check(request: CheckRequest, onFindings?: OnFindings): Promise<KeptVerdict> {
    if (request.model || request.deep) return this.#checkApart(request, onFindings)
    if (request.fresh) return this.#checkNow(onFindings)
    const latest = this.#verdicts.latest()
    const notBefore = Math.max(Date.now() - FRESH_MS, this.#config.startedAt)
    if (latest && latest.checkedAt >= notBefore) return latest
    this.#checking ??= this.#checkNow().finally(() => {
      this.#checking = null
    })
    return this.#checking
  }

  /**
   * Looks at the home for one minute (ms since 1970) and keeps what it saw. Called twice for the same minute it looks once;
   * one that comes late counts for the minute before the one in which it came.
   */
  tick(scheduledMs: number): Promise<void> {
    const ticked = this.#ticking.then(() => this.#look(scheduledMs))
    this.#ticking = ticked.catch(() => undefined)
    return ticked
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
    return this.#monitor.watch(Date.now())
  }

  startRun(recipe: Recipe, starter: Starter): Started | null {
    return this.#runs.start(recipe, starter)
  }

  /** Starting and watching in one: the way to the first word is one request. */
  startAndWatch(recipe: Recipe, starter: Starter): { started: Started; events: ReadableStream<Uint8Array> } | null {
    const started = this.#runs.start(recipe, starter)
    const events = started && this.#runs.watch(started.id, 0)
    return events ? { started, events } : null
  }

  watchRun(id: string, after: number, viewer: Starter): ReadableStream<Uint8Array> | null {
    return this.#store.isSeenBy(id, viewer) ? this.#runs.watch(id, after) : null
  }

  /** As JSON: what a recipe may hold has no end of shapes. */
  findRun(id: string, viewer: Starter): string | null {
    if (!this.#store.isSeenBy(id, viewer)) return null
    this.#runs.settle(id)
    const run = this.#store.find(id)
    return run && JSON.stringify(run)
  }

  listRuns({ limit, ...query }: ListQuery): RunList {
    const runs = this.#store.list({ limit: limit + 1, ...query })
    return { runs: runs.slice(0, limit), next: runs.length > limit ? (runs[limit - 1]?.id ?? null) : null }
  }

  stopRun(id: string, viewer: Starter): RunState | null {
    return this.#store.isSeenBy(id, viewer) ? this.#runs.stop(id) : null
  }

  removeRun(id: string): boolean {
    return this.#runs.remove(id)
  }

  turn(): Promise<Turn> {
    return this.#runs.turn()
  }

  /** Awaits the runs, which keeps the object alive without anybody watching. */
  override async alarm() {
    let cancel = () => {}
    const late = new Promise<void>((resume) => (cancel = after(AWAKE_MS, resume)))
    await Promise.race([this.#runs.idle(), late])
    cancel()
    this.#isAlarmSet = false
    if (this.#runs.isBusy) this.#keepAwake()
  }

  #keepAwake() {
    if (this.#isAlarmSet) return
    this.#isAlarmSet = true
    void this.ctx.storage.setAlarm(Date.now() + ALARM_AFTER_MS)
  }

  async #look(scheduledMs: number) {
    const beganAt = Date.now()
    const scheduled = Math.max(scheduledMs, beganAt - MINUTE_MS)
    const at = scheduled - (scheduled % MINUTE_MS)
    if (this.#monitor.hasTaken(at)) return
    const looks = [await this.#measure()]
    for (const pause of LOOK_AGAIN_MS[this.#monitor.mood]) {
      if (!looks.every(({ verdict }) => levelOf(verdict) === 'bad')) break
      await new Promise<void>((resume) => after(pause, resume))
      looks.push(await this.#measure())
    }
    const verdicts = looks.map(({ verdict }) => verdict)
    const last = looks.at(-1)
    // Nothing is awaited from here on, so all of it is written at once.
    if (last) this.#keep(last)
    this.#monitor.take(probeOf(at, verdicts, this.#evidence.splice(0), beganAt), last?.verdict)
  }

  /** A run has ended: `null`, it worked. What says nothing of the home is left out. */
  #learn(problem: Problem | null) {
    const { cause, reason } = problem ?? {}
    const trouble = cause && reason ? troubleOfRun(cause, reason) : null
    if (problem !== null && trouble === null) return
    this.#evidence = [...this.#evidence, { at: Date.now(), trouble }].slice(-MOST_EVIDENCE)
  }

  async #checkNow(onFindings?: OnFindings): Promise<KeptVerdict> {
    return this.#keep(await this.#measure(onFindings))
  }

  async #measure(onFindings?: OnFindings): Promise<Measured> {
    const nth = ++this.#begun
    return { nth, verdict: await diagnose(this.#config, {}, onFindings) }
  }

  #keep({ nth, verdict }: Measured): KeptVerdict {
    // A check that hung must not replace what one that began later has seen.
    if (nth < this.#newest) return this.#untold(verdict)
    this.#newest = nth
    return this.#verdicts.keep(verdict, Date.now())
  }

  /** A question about another model, or about a token, is another one than the home's own state, so its answer is not kept. */
  async #checkApart(request: CheckRequest, onFindings?: OnFindings): Promise<KeptVerdict> {
    return this.#untold(await diagnose(this.#config, request, onFindings))
  }

  /** A verdict with the times of the kept one, which it does not replace. */
  #untold(verdict: Verdict): KeptVerdict {
    const latest = this.#verdicts.latest()
    const checkedAt = Date.now()
    const isSame = latest?.verdict.cause === verdict.cause
    return { verdict, checkedAt, since: isSame ? latest.since : checkedAt, lastSeen: latest?.lastSeen ?? null }
  }
}
