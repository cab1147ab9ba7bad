import type { Problem } from '../../src/lib/contract/problem.ts'
import type { Lane, Starter } from '../../src/lib/contract/access.ts'
import type { QueueState } from '../../src/lib/contract/queue.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type { EndName, RunState, Started } from '../../src/lib/contract/runs.ts'
import { Refusal } from '../access/problem.ts'
import { answerTo } from '../ollama/answer.ts'
import { HomeFailure } from '../ollama/failure.ts'
import { explainFailure } from '../ollama/failure-line.ts'
import { factsBefore, factsDuring } from '../ollama/facts.ts'
import { homeProblem, problemOf } from '../ollama/home-problem.ts'
import type { Ports } from '../ports.ts'
import { EventLog, replay, type Stretch } from './event-log.ts'
import { LiveRun } from './live-run.ts'
import { isSomething, outputOf } from './output.ts'
import { Queue } from './queue.ts'
import type { RunStore, Unended } from './run-store.ts'
import type { Settings } from './settings.ts'
import { after } from './timers.ts'
import { Turn, type OnTurn } from './turn.ts'

/** A guest who has not come to the home by then is told so. ms. */
const GUEST_WAIT_MS = 60_000
/** ms. What the home says of its model beside the answer may not hold up the end of a run for longer. */
const FACTS_MS = 1000

/** How a guest's run ended, for whoever counts what guests may have. */
export interface GuestEnd {
  id: string
  starter: Starter & { lane: 'guest' }
  /** `interrupted`: the owner came, or Porchlight was restarted. */
  how: EndName
  /** Whether a word of the answer had come. */
  hasBegun: boolean
}

export interface Needs extends Pick<Ports, 'config' | 'check'> {
  /** Told once of every guest's run, also of those that a restart has ended: then while this object is being made. */
  onGuestEnded?: (end: GuestEnd) => void
}

/** The queue and every run that is not over. */
export class Runs {
  readonly #needs: Needs
  readonly #store: RunStore
  readonly #settings: Settings
  readonly #keepAwake: () => void
  readonly #queue: Queue
  readonly #live = new Map<string, { run: LiveRun; leaveQueue: () => void }>()
  #newest = 0

  constructor(needs: Needs, store: RunStore, settings: Settings, keepAwake: () => void) {
    this.#needs = needs
    this.#store = store
    this.#settings = settings
    this.#keepAwake = keepAwake
    this.#queue = new Queue(settings.read('atOnce'), store.ownerLeftAt())
    this.#takeOver()
  }

  queue(): QueueState {
    return { atOnce: this.#queue.atOnce, entries: this.#queue.list() }
  }

  allowAtOnce(count: number) {
    this.#settings.write('atOnce', count)
    this.#queue.atOnce = count
  }

  /** `null`: too many of its lane wait already. */
  start(recipe: Recipe, starter: Starter): Started | null {
    if (this.#queue.isFull(starter.lane)) return null
    const createdAt = Date.now()
    const run = new LiveRun(this.#store, this.#newId(createdAt), recipe, createdAt)
    // The request goes out before anything is written: a write holds back all that is sent after it.
    this.#enter(run, starter)
    this.#store.add(run.id, run.state, recipe, starter, createdAt)
    this.#keepAwake()
    return { id: run.id, state: run.state, place: run.place }
  }

  /** The events after number `after`, as they come, for as long as `mayGoOn`; `null`: no such run. */
  watch(id: string, after: number, mayGoOn: () => boolean): ReadableStream<Uint8Array> | null {
    const live = this.#live.get(id)
    if (live) return live.run.log.watch(after, mayGoOn)
    return this.#store.stateOf(id) === null ? null : replay(this.#store.stretches(id), after)
  }

  /** What has been told so far is kept first, so that it can be read. */
  settle(id: string) {
    this.#live.get(id)?.run.keep()
  }

  /** The state it is in afterwards; `null`: no such run. */
  stop(id: string): RunState | null {
    this.#live.get(id)?.run.end('stopped', {})
    return this.#store.stateOf(id)
  }

  remove(id: string): boolean {
    this.stop(id)
    return this.#store.remove(id)
  }

  /** A place in the queue for a request that is no run; `null`: too many of its lane wait already. */
  turn(lane: Lane, model: string, onTurn: OnTurn): Turn | null {
    return this.#queue.isFull(lane) ? null : new Turn(this.#queue, { lane, model }, onTurn)
  }

  get isBusy(): boolean {
    return this.#live.size > 0
  }

  async idle() {
    while (this.isBusy) await Promise.all([...this.#live.values()].map(({ run }) => run.over))
  }

  /** A former life of this object has ended without a word: what ran is interrupted, what waited waits on. */
  #takeOver() {
    for (const unended of this.#store.unended()) {
      const { id, state, recipe, starter, createdAt } = unended
      if (state !== 'queued') this.#interrupt(unended)
      else this.#enter(new LiveRun(this.#store, id, recipe, createdAt, this.#store.stretches(id)), starter)
    }
    if (this.isBusy) this.#keepAwake()
  }

  #interrupt({ id, starter }: Unended) {
    const stretches = this.#store.stretches(id)
    this.#store.append(id, interruptedAfter(stretches))
    const output = outputOf(stretches.map(({ frames }) => frames))
    this.#store.end(id, { state: 'interrupted', endedAt: Date.now(), output })
    this.#tellEnd({ id, starter, how: 'interrupted', hasBegun: isSomething(output) })
  }

  #enter(run: LiveRun, starter: Starter) {
    const entry = { run, leaveQueue: () => {} }
    this.#live.set(run.id, entry)
    entry.leaveQueue = this.#queue.enter({
      ...{ id: run.id, lane: starter.lane, model: run.recipe.model },
      onTurn: () => void this.#drive(run),
      onPlace: (place) => run.waitAt(place),
      onEvicted: () => giveWay(run),
    })
    const cancelWait = starter.lane === 'guest' ? this.#endWait(run) : () => undefined
    void run.over.then((how) => {
      cancelWait()
      this.#live.delete(run.id)
      entry.leaveQueue()
      this.#tellEnd({ id: run.id, starter, how, hasBegun: run.hasBegun })
    })
  }

  #endWait(run: LiveRun): () => void {
    return after(run.createdAt + GUEST_WAIT_MS - Date.now(), () => {
      if (run.state === 'queued') run.end('failed', ...failedBy(NO_TURN))
    })
  }

  #tellEnd({ starter, ...end }: Omit<GuestEnd, 'starter'> & { starter: Starter }) {
    if (starter.lane === 'guest') this.#needs.onGuestEnded?.({ ...end, starter })
  }

  async #drive(run: LiveRun) {
    const { config } = this.#needs
    const { recipe, leave } = run
    const before = factsBefore(config, recipe.model, leave.signal).then((facts) => run.learn(facts))
    const lines = answerTo(config, recipe, leave.signal)
    const first = lines.next()
    const wasQueued = run.place > 0
    run.send()
    if (wasQueued) this.#store.setState(run.id, run.state)
    try {
      await this.#follow(run, first, lines, before)
    } catch (error) {
      // Whoever made it leave ends it.
      if (!leave.signal.aborted) run.end('failed', ...failedBy(await this.#explain(run, error)))
    }
  }

  async #follow(run: LiveRun, first: ReturnType<Answer['next']>, lines: Answer, before: Promise<void>) {
    let during: Promise<void> | null = null
    for (let next = await first; !next.done; next = await lines.next()) {
      run.take(next.value)
      during ??= this.#lookAt(run, before)
      if (!next.value.last) continue
      await Promise.race([during, new Promise((resume) => setTimeout(resume, FACTS_MS))])
      return run.done(next.value.last)
    }
    throw new HomeFailure({ kind: 'thrown', error: 'other', text: 'the answer is not complete', ms: 0 }, 'ended_early')
  }

  async #lookAt(run: LiveRun, before: Promise<void>) {
    await before
    run.learn(await factsDuring(this.#needs.config, run.recipe.model, run.facts.digest, run.leave.signal))
  }

  async #explain(run: LiveRun, error: unknown): Promise<Problem> {
    const { config } = this.#needs
    const { model } = run.recipe
    if (run.hasBegun && error instanceof HomeFailure) return problemOf(explainFailure(error, config, model, [])).problem
    const refusal = await homeProblem(this.#needs, model)(error).catch((told: unknown) => told)
    if (refusal instanceof Refusal) return refusal.problem
    const id = crypto.randomUUID()
    console.error(JSON.stringify({ t: new Date().toISOString(), code: 'internal', id }), error)
    return new Refusal('internal', 'This is our fault. Try again; if it stays, tell us the id.', { id }).problem
  }

  /** Later runs have greater names. */
  #newId(now: number): string {
    this.#newest = Math.max(now, this.#newest + 1)
    const random = crypto.getRandomValues(new Uint8Array(10))
    return `${this.#newest.toString(36).padStart(9, '0')}${[...random].map((byte) => (byte % 32).toString(32)).join('')}`
  }
}

type Answer = ReturnType<typeof answerTo>

const failedBy = (problem: Problem) => [{ problem }, { failure: problem }] as const

const NO_TURN = new Refusal('limit', 'The home was busy for too long: your turn did not come within a minute. Nothing was run. Try again later.').problem // prettier-ignore

/** Leaves the home at once; what is written about it must not hold up whoever comes. */
function giveWay(run: LiveRun) {
  run.leave.abort()
  queueMicrotask(() => {
    run.notice('owner_came')
    run.end('interrupted', {})
  })
}

function interruptedAfter(stretches: readonly Stretch[]): Stretch {
  const log = new EventLog()
  log.resume(stretches)
  log.append('interrupted', {})
  return log.takeUnkept() ?? { last: 0, frames: '' }
}
