import type { Problem } from '../../src/lib/contract/problem.ts'
import type { Starter } from '../../src/lib/contract/access.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type { RunState, Started } from '../../src/lib/contract/runs.ts'
import { Refusal } from '../access/problem.ts'
import { answerTo } from '../ollama/answer.ts'
import { HomeFailure } from '../ollama/failure.ts'
import { explainFailure } from '../ollama/failure-line.ts'
import { factsBefore, factsDuring } from '../ollama/facts.ts'
import { homeProblem, problemOf } from '../ollama/home-problem.ts'
import type { Ports } from '../ports.ts'
import { EventLog, replay, type Stretch } from './event-log.ts'
import { LiveRun } from './live-run.ts'
import { outputOf } from './output.ts'
import { Queue } from './queue.ts'
import type { RunStore } from './run-store.ts'
import { Turn } from './turn.ts'

/** More than so many that wait are a mistake of whoever sends them. */
const MOST_WAITING = 50
/** ms. What the home says of its model beside the answer may not hold up the end of a run for longer. */
const FACTS_MS = 1000

type Needs = Pick<Ports, 'config' | 'check'> & {
  /** Told how a run that came to its end has found the home; `null`: it worked. */
  onEvidence: (problem: Problem | null) => void
}

/** The queue and every run that is not over. */
export class Runs {
  readonly #needs: Needs
  readonly #store: RunStore
  readonly #keepAwake: () => void
  readonly #queue = new Queue()
  readonly #live = new Map<string, { run: LiveRun; leaveQueue: () => void }>()
  #newest = 0

  constructor(needs: Needs, store: RunStore, keepAwake: () => void) {
    this.#needs = needs
    this.#store = store
    this.#keepAwake = keepAwake
    this.#takeOver()
  }

  /** `null`: too many wait already. */
  start(recipe: Recipe, starter: Starter): Started | null {
    if (this.#queue.length >= MOST_WAITING) return null
    const createdAt = Date.now()
    const run = new LiveRun(this.#store, this.#newId(createdAt), recipe, createdAt)
    // The request goes out before anything is written: a write holds back all that is sent after it.
    this.#enter(run)
    this.#store.add(run.id, run.state, recipe, starter, createdAt)
    this.#keepAwake()
    return { id: run.id, state: run.state, place: run.place }
  }

  /** The events after number `after`, as they come; `null`: no such run. */
  watch(id: string, after: number): ReadableStream<Uint8Array> | null {
    const live = this.#live.get(id)
    if (live) return live.run.log.watch(after)
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

  /** A turn at the home for a request that is no run. */
  turn(): Promise<Turn> {
    return new Promise((resolve) => {
      const leave = this.#queue.enter(() => queueMicrotask(() => resolve(new Turn(leave))))
    })
  }

  get isBusy(): boolean {
    return this.#live.size > 0
  }

  async idle() {
    while (this.isBusy) await Promise.all([...this.#live.values()].map(({ run }) => run.over))
  }

  /** A former life of this object has ended without a word: what ran is interrupted, what waited waits on. */
  #takeOver() {
    for (const { id, state, recipe, createdAt } of this.#store.unended()) {
      if (state === 'queued') this.#enter(new LiveRun(this.#store, id, recipe, createdAt), true)
      else this.#interrupt(id)
    }
    if (this.isBusy) this.#keepAwake()
  }

  #interrupt(id: string) {
    const stretches = this.#store.stretches(id)
    this.#store.append(id, interruptedAfter(stretches))
    const output = outputOf(stretches.map(({ frames }) => frames))
    this.#store.end(id, { state: 'interrupted', endedAt: Date.now(), output })
  }

  #enter(run: LiveRun, isOld = false) {
    if (isOld) run.log.resume(this.#store.stretches(run.id))
    const entry = { run, leaveQueue: () => {} }
    this.#live.set(run.id, entry)
    entry.leaveQueue = this.#queue.enter(
      () => void this.#drive(run),
      (place) => run.waitAt(place),
    )
    void run.over.then(() => {
      this.#live.delete(run.id)
      entry.leaveQueue()
    })
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
      if (run.state === 'done') this.#needs.onEvidence(null)
    } catch (error) {
      if (run.isOver) return
      const problem = await this.#explain(run, error)
      run.end('failed', ...failedBy(problem))
      this.#needs.onEvidence(problem)
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

function interruptedAfter(stretches: readonly Stretch[]): Stretch {
  const log = new EventLog()
  log.resume(stretches)
  log.append('interrupted', {})
  return log.takeUnkept() ?? { last: 0, frames: '' }
}
