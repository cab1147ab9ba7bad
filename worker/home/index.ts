import { DurableObject } from 'cloudflare:workers'
import type { Starter } from '../../src/lib/contract/access.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type { RunList, RunState, Started } from '../../src/lib/contract/runs.ts'
import type { Kept, Settings } from '../../src/lib/contract/settings.ts'
import type { Verdict } from '../../src/lib/diagnosis/index.ts'
import { readConfig } from '../config.ts'
import { diagnose } from '../diagnosis/diagnose.ts'
import type { Env } from '../env.ts'
import type { FormatName } from '../export/formats.ts'
import type { CheckRequest, KeptVerdict, ListQuery, OnFindings, RunChoice } from '../ports.ts'
import { exportOf } from './export.ts'
import { countOver, forgetOldest, holdingOf } from './retention.ts'
import { chosenRuns, listRuns } from './run-list.ts'
import { runStoreOf } from './run-store.ts'
import { Runs } from './runs.ts'
import { migrate } from './schema.ts'
import { settingsOf } from './settings.ts'
import { after } from './timers.ts'
import type { Turn } from './turn.ts'
import { verdictsOf } from './verdicts.ts'

/** A verdict this young is told again without asking the home. ms. */
const FRESH_MS = 15_000
/** An alarm may take 15 minutes; a run that takes longer is held by the next one. ms. */
const AWAKE_MS = 14 * 60_000
/** Short runs are over by then; longer ones are held whether or not somebody watches. ms. */
const ALARM_AFTER_MS = 1000

/** The one object that knows the home: it probes, runs, and keeps what must outlive a request. */
export class Home extends DurableObject<Env> {
  readonly #config
  readonly #sql
  readonly #settings
  readonly #verdicts
  readonly #store
  readonly #runs
  #checking: Promise<KeptVerdict> | null = null
  /** Checks are counted as they begin; the newest that has ended is kept. */
  #begun = 0
  #newest = 0
  #isAlarmSet = false

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#config = readConfig(env)
    this.#sql = ctx.storage.sql
    migrate(this.#sql)
    this.#settings = settingsOf(this.#sql)
    this.#verdicts = verdictsOf(this.#sql, env.OLLAMA_URL?.trim() ?? '')
    this.#store = runStoreOf(this.#sql, this.#settings)
    const needs = { config: this.#config, check: (...asked: Parameters<Home['check']>) => this.check(...asked) }
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
    return { kept: this.#settings.read('kept'), holds: holdingOf(this.#sql) }
  }

  keepRuns(kept: Kept): Settings {
    this.#settings.write('kept', kept)
    forgetOldest(this.#sql, kept, (id) => this.#store.remove(id))
    return this.readSettings()
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

  async #checkNow(onFindings?: OnFindings): Promise<KeptVerdict> {
    const nth = ++this.#begun
    const verdict = await diagnose(this.#config, {}, onFindings)
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
