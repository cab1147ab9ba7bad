import { DurableObject } from 'cloudflare:workers'
import type { Lane, Starter } from '../../src/lib/contract/access.ts'
import type { QueueState } from '../../src/lib/contract/queue.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type { RunList, RunState, Started } from '../../src/lib/contract/runs.ts'
import type { Outlook, WarmRequest, WarmUp } from '../../src/lib/contract/warmth.ts'
import type { Verdict } from '../../src/lib/diagnosis/index.ts'
import type { Credential } from '../access/credential.ts'
import { readConfig } from '../config.ts'
import { diagnose } from '../diagnosis/diagnose.ts'
import type { Env } from '../env.ts'
import type { CheckRequest, KeptVerdict, OnFindings, Weights } from '../ports.ts'
import { loadsOf } from './loads.ts'
import { Queue } from './queue.ts'
import { runStoreOf, type ListQuery } from './run-store.ts'
import { Runs, type GuestEnd } from './runs.ts'
import { Keys } from './keys.ts'
import { migrate } from './schema.ts'
import { settingsOf } from './settings.ts'
import { Sharing } from './sharing.ts'
import { after } from './timers.ts'
import { Turn, type OnTurn } from './turn.ts'
import { verdictsOf } from './verdicts.ts'
import { Warming } from './warm-up.ts'

/** A verdict this young is told again without asking the home. ms. */
const FRESH_MS = 15_000
/** An alarm may take 15 minutes; a run that takes longer is held by the next one. ms. */
const AWAKE_MS = 14 * 60_000
/** Short runs are over by then; longer ones are held whether or not somebody watches. ms. */
const ALARM_AFTER_MS = 1000

/** The one object that knows the home: it probes, runs, and keeps what must outlive a request. */
export class Home extends DurableObject<Env> {
  readonly #config
  readonly #verdicts
  readonly #keys
  readonly #store
  readonly #settings
  readonly #queue
  readonly #loads
  readonly #needs
  readonly #runs: Runs
  readonly #sharing
  #warming: Warming | null = null
  #checking: Promise<KeptVerdict> | null = null
  /** Checks are counted as they begin; the newest that has ended is kept. */
  #begun = 0
  #newest = 0
  #isAlarmSet = false

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#config = readConfig(env)
    migrate(ctx.storage.sql)
    this.#verdicts = verdictsOf(ctx.storage.sql, env.OLLAMA_URL?.trim() ?? '')
    this.#keys = new Keys(ctx.storage.sql, this.#config)
    this.#store = runStoreOf(ctx.storage.sql)
    this.#settings = settingsOf(ctx.storage.sql)
    this.#queue = new Queue(this.#settings.read('atOnce'), this.#store.ownerLeftAt())
    const { home } = this.#config
    const hasLimit = 'reach' in home && home.reach === 'public'
    this.#loads = loadsOf(ctx.storage.sql, env.OLLAMA_URL?.trim() ?? '', hasLimit)
    this.#needs = {
      ...{ config: this.#config, queue: this.#queue, loads: this.#loads },
      check: (...asked: Parameters<Home['check']>) => this.check(...asked),
      onGuestEnded: (end: GuestEnd) => this.#sharing.settle(end),
    }
    this.#sharing = new Sharing(ctx.storage.sql, this.#config, this.#store, () => this.#runs)
    this.#runs = new Runs(this.#needs, this.#store, () => this.#keepAwake())
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

  /** The verdict that is kept, however old. */
  latest(): KeptVerdict | null {
    return this.#verdicts.latest()
  }

  /** Who may do what. */
  keys(): Keys {
    return this.#keys
  }

  /** What is shown to others. */
  sharing(): Sharing {
    return this.#sharing
  }

  startRun(recipe: Recipe, starter: Starter): Started | null {
    return this.#runs.start(recipe, starter)
  }

  /** Starting and watching in one: the way to the first word is one request. */
  startAndWatch(
    recipe: Recipe,
    starter: Starter,
    credential: Credential | null,
  ): { started: Started; events: ReadableStream<Uint8Array> } | null {
    const started = this.#runs.start(recipe, starter)
    const events = started && this.#runs.watch(started.id, 0, this.#stillHolds(credential))
    return events ? { started, events } : null
  }

  watchRun(
    id: string,
    after: number,
    viewer: Starter,
    credential: Credential | null,
  ): ReadableStream<Uint8Array> | null {
    return this.#store.isSeenBy(id, viewer) ? this.#runs.watch(id, after, this.#stillHolds(credential)) : null
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

  readQueue(): QueueState {
    return { atOnce: this.#queue.atOnce, entries: this.#queue.list() }
  }

  allowAtOnce(count: number): QueueState {
    this.#settings.write('atOnce', count)
    this.#queue.atOnce = count
    return this.readQueue()
  }

  /** A place in the queue for a request that is no run; `null`: too many of its lane wait already. */
  turn(lane: Lane, model: string, onTurn: OnTurn): Turn | null {
    if (this.#queue.isFull(lane)) return null
    // It is called later, so it must outlive this call.
    const kept = (onTurn as Called).dup()
    return new Turn(this.#queue, { lane, model }, () => kept())
  }

  /** One at a time: `null` while another model is being loaded. */
  warmUp(request: WarmRequest): WarmUp | null {
    const current = this.#warming
    if (current && !current.isOver) return current.told().model === request.model ? current.told() : null
    this.#warming = new Warming(this.#needs, request)
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

  /** Awaits what is under way, which keeps the object alive without anybody watching. */
  override async alarm() {
    let cancel = () => {}
    const late = new Promise<void>((resume) => (cancel = after(AWAKE_MS, resume)))
    await Promise.race([Promise.all([this.#runs.idle(), this.#warming?.over]), late])
    cancel()
    this.#isAlarmSet = false
    if (this.#runs.isBusy || this.#warming?.isOver === false) this.#keepAwake()
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

/** What a function becomes that somebody far away has given. */
type Called = OnTurn & { dup: () => OnTurn }
