import type { Problem } from '../../src/lib/contract/problem.ts'
import type { Lane, Starter } from '../../src/lib/contract/access.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type { EndName, RunState, Started } from '../../src/lib/contract/runs.ts'
import { HttpProblem } from '../http/problem.ts'
import type { HomeAccess } from '../ollama/home-problem.ts'
import { executeRun } from './execute-run.ts'
import { EventLog, replay, type Stretch } from './event-log.ts'
import { LiveRun } from './live-run.ts'
import type { Loads } from '../models/load-times.ts'
import { isSomething, outputOf } from './output.ts'
import type { Queue } from './queue.ts'
import type { PromptDrain } from './prompt-drain.ts'
import type { RunStore, Unended } from './run-store.ts'
import { after } from '../timers.ts'

/** A guest who has not come to the home by then is told so. ms. */
const GUEST_WAIT_MS = 60_000

/** How a guest's run ended, for whoever counts what guests may have. */
export interface GuestEnd {
  id: string
  starter: Starter & { lane: 'guest' }
  /** `interrupted`: the owner came, or Porchlight was restarted. */
  how: EndName
  /** Whether a word of the answer had come. */
  hasBegun: boolean
}

export interface Needs extends HomeAccess {
  loads: Loads
  queue: Queue
  /** Told how a run that came to its end has found the home; `null`: it worked. */
  onEvidence?: (problem: Problem | null) => void
  drain: PromptDrain
  /** Told once of every guest's run, also of those that a restart has ended: then while this object is being made. */
  onGuestEnded?: (end: GuestEnd) => void
  /** Told how many tokens an API token has cost the home. */
  onSpent?: (token: string, tokens: number) => void
}

/** The queue and every run that is not over. */
export class Runs {
  readonly #needs: Needs
  readonly #store: RunStore
  readonly #keepAwake: () => void
  readonly #queue: Queue
  readonly #live = new Map<string, { run: LiveRun; starter: Starter; leaveQueue: () => void }>()
  #newest = 0

  constructor(needs: Needs, store: RunStore, keepAwake: () => void) {
    this.#needs = needs
    this.#store = store
    this.#queue = needs.queue
    this.#keepAwake = keepAwake
    this.#takeOver()
  }

  isFull(lane: Lane): boolean {
    return this.#queue.isFull(lane)
  }

  /** `null`: too many of its lane wait already. */
  start(recipe: Recipe, starter: Starter): Started | null {
    if (this.isFull(starter.lane)) return null
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
    const run = this.#live.get(id)?.run
    if (run?.isReading) {
      run.notice('stopped_while_reading')
      void this.#needs.drain.watch(run.recipe.model)
    }
    run?.end('stopped', {})
    return this.#store.stateOf(id)
  }

  remove(id: string): boolean {
    this.stop(id)
    return this.#store.remove(id)
  }

  /** Whoever started them may not any more. */
  stopAllOf(token: string) {
    for (const { run, starter } of [...this.#live.values()])
      if (starter.lane === 'token' && starter.id === token) this.stop(run.id)
  }

  isLive(id: string): boolean {
    return this.#live.has(id)
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
      // Guests may have been switched off in the meantime.
      const isKeptOut = starter.lane === 'guest' && !this.#needs.config.allowsGuests
      if (state !== 'queued' || isKeptOut) this.#interrupt(unended)
      else
        this.#enter(
          new LiveRun(this.#store, id, recipe, createdAt, this.#store.stretches(id)),
          starter,
        )
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
    const entry = { run, starter, leaveQueue: () => {} }
    this.#live.set(run.id, entry)
    entry.leaveQueue = this.#queue.enter({
      ...{
        id: run.id,
        lane: starter.lane,
        token: starter.lane === 'token' ? starter.id : null,
        model: run.recipe.model,
      },
      onTurn: () => this.#executeRun(run),
      onPlace: (place) => run.waitAt(place),
      onEvicted: () => giveWay(run),
    })
    const cancelWait = starter.lane === 'guest' ? this.#endWait(run) : () => undefined
    void run.over.then((how) => {
      cancelWait()
      this.#live.delete(run.id)
      entry.leaveQueue()
      this.#tellEnd({ id: run.id, starter, how, hasBegun: run.hasBegun })
      if (starter.lane === 'token') this.#needs.onSpent?.(starter.id, run.spent)
    })
  }

  #executeRun(run: LiveRun) {
    this.#needs.drain.forget()
    const wasQueued = run.place > 0
    void executeRun(this.#needs, run)
    if (wasQueued) this.#store.setState(run.id, run.state)
  }

  #endWait(run: LiveRun): () => void {
    return after(run.createdAt + GUEST_WAIT_MS - Date.now(), () => {
      if (run.state === 'queued') run.fail(NO_TURN)
    })
  }

  #tellEnd({ starter, ...end }: Omit<GuestEnd, 'starter'> & { starter: Starter }) {
    if (starter.lane === 'guest') this.#needs.onGuestEnded?.({ ...end, starter })
  }

  /** Later runs have greater names. */
  #newId(now: number): string {
    this.#newest = Math.max(now, this.#newest + 1)
    const random = crypto.getRandomValues(new Uint8Array(10))
    return `${this.#newest.toString(36).padStart(9, '0')}${[...random].map((byte) => (byte % 32).toString(32)).join('')}`
  }
}

const NO_TURN = new HttpProblem(
  'limit',
  'The home was busy: your turn did not come within a minute. Nothing was run. Try again later.',
).problem

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
