import type { Lane, Starter } from '../../src/lib/contract/access.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type { EndName, RunState, Started } from '../../src/lib/contract/runs.ts'
import { randomId } from '../encoding.ts'
import { HttpProblem } from '../http/problem.ts'
import { after } from '../timers.ts'
import { EventLog, replay, type FrameBatch } from './event-log.ts'
import { executeRun, type Execution } from './execute-run.ts'
import { LiveRun } from './live-run.ts'
import { isEmpty, outputOf } from './output.ts'
import type { PromptDrain } from './prompt-drain.ts'
import type { Queue } from './queue.ts'
import type { RunStore, UnfinishedRun } from './run-store.ts'

const GUEST_TIMEOUT_MS = 60_000
const RANDOM_ID_CHARS = 10

type Guest = Starter & { lane: 'guest' }

/** How a guest's run ended, so that its share can refund it. */
export interface GuestEnd {
  id: string
  starter: Guest
  /** `interrupted`: the owner started a run, or Porchlight was restarted. */
  how: EndName
  /** Whether a part of the answer had arrived. */
  hasBegun: boolean
}

interface Dependencies extends Execution {
  queue: Queue
  drain: PromptDrain
  /** Called once for each guest's run. For runs that a restart interrupted, the constructor calls it. */
  onGuestEnded?: (end: GuestEnd) => void
  /** Receives how many tokens an API token has cost the home. */
  onSpent?: (token: string, tokens: number) => void
}

interface Entry {
  run: LiveRun
  starter: Starter
  leaveQueue: () => void
}

/** Every run that has not ended. */
export class Runs {
  readonly #dependencies: Dependencies
  readonly #store: RunStore
  readonly #keepAwake: () => void
  readonly #queue: Queue
  readonly #live = new Map<string, Entry>()
  #newestMs = 0

  constructor(dependencies: Dependencies, store: RunStore, keepAwake: () => void) {
    this.#dependencies = dependencies
    this.#store = store
    this.#queue = dependencies.queue
    this.#keepAwake = keepAwake
    this.#resumeUnfinished()
  }

  isFull(lane: Lane): boolean {
    return this.#queue.isFull(lane)
  }

  /** `null` if too many runs of this lane are waiting. */
  start(recipe: Recipe, starter: Starter): Started | null {
    if (this.isFull(starter.lane)) return null
    const createdAt = Date.now()
    const run = new LiveRun(this.#store, { id: this.#newId(createdAt), recipe, createdAt })
    // The request is sent before the first write: a write delays everything that is sent after it.
    this.#enter(run, starter)
    this.#store.add(run.id, run.state, recipe, starter, createdAt)
    this.#keepAwake()
    return { id: run.id, state: run.state, place: run.place }
  }

  /** The events after number `after`, for as long as `isStillValid`; `null` if there is no such run. */
  watch(id: string, after: number, isStillValid: () => boolean): ReadableStream<Uint8Array> | null {
    const live = this.#live.get(id)
    if (live) return live.run.log.watch(after, isStillValid)
    return this.#store.stateOf(id) === null ? null : replay(this.#store.batches(id), after)
  }

  /** Writes the events so far to the database, where they can be read. */
  persist(id: string) {
    this.#live.get(id)?.run.persist()
  }

  /** Returns the state afterwards, or `null` if there is no such run. */
  stop(id: string): RunState | null {
    const run = this.#live.get(id)?.run
    if (run?.isReadingPrompt) {
      run.notify('stopped_while_reading')
      void this.#dependencies.drain.watch(run.recipe.model)
    }
    run?.end('stopped', {})
    return this.#store.stateOf(id)
  }

  remove(id: string): boolean {
    this.stop(id)
    return this.#store.remove(id)
  }

  /** For a token that has been revoked. */
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
    while (this.isBusy) await Promise.all([...this.#live.values()].map(({ run }) => run.ended))
  }

  /** After a restart of the object, waiting runs go on waiting. Runs that had been sent are interrupted. */
  #resumeUnfinished() {
    for (const unfinished of this.#store.unfinished()) {
      const { id, state, starter } = unfinished
      const isAllowed = starter.lane !== 'guest' || this.#dependencies.config.allowsGuests
      if (state === 'queued' && isAllowed)
        this.#enter(new LiveRun(this.#store, unfinished, this.#store.batches(id)), starter)
      else this.#interrupt(unfinished)
    }
    if (this.isBusy) this.#keepAwake()
  }

  #interrupt({ id, starter }: UnfinishedRun) {
    const batches = this.#store.batches(id)
    this.#store.append(id, interruptionAfter(batches))
    const output = outputOf(batches)
    this.#store.end(id, { state: 'interrupted', endedAt: Date.now(), output })
    this.#reportGuestEnd(starter, { id, how: 'interrupted', hasBegun: !isEmpty(output) })
  }

  #enter(run: LiveRun, starter: Starter) {
    const entry: Entry = { run, starter, leaveQueue: () => {} }
    this.#live.set(run.id, entry)
    entry.leaveQueue = this.#queue.enter({
      id: run.id,
      lane: starter.lane,
      token: starter.lane === 'token' ? starter.id : null,
      model: run.recipe.model,
      onSlot: () => this.#execute(run),
      onPlace: (place) => run.waitAt(place),
      onPreempted: () => preempt(run),
    })
    const cancelTimeout = starter.lane === 'guest' ? failAfterTimeout(run) : () => undefined
    void run.ended.then((how) => {
      cancelTimeout()
      this.#leave(entry, how)
    })
  }

  #leave({ run, starter, leaveQueue }: Entry, how: EndName) {
    this.#live.delete(run.id)
    leaveQueue()
    this.#reportGuestEnd(starter, { id: run.id, how, hasBegun: run.hasBegun })
    if (starter.lane === 'token') this.#dependencies.onSpent?.(starter.id, run.tokensSpent)
  }

  #execute(run: LiveRun) {
    this.#dependencies.drain.cancel()
    const wasQueued = run.place > 0
    void executeRun(this.#dependencies, run)
    if (wasQueued) this.#store.setState(run.id, run.state)
  }

  #reportGuestEnd(starter: Starter, end: Omit<GuestEnd, 'starter'>) {
    if (starter.lane === 'guest') this.#dependencies.onGuestEnded?.({ ...end, starter })
  }

  /** Ids sort by the time at which their runs were created. */
  #newId(now: number): string {
    this.#newestMs = Math.max(now, this.#newestMs + 1)
    return this.#newestMs.toString(36).padStart(9, '0') + randomId(RANDOM_ID_CHARS)
  }
}

const NO_SLOT = new HttpProblem(
  'limit',
  'The home was busy for more than a minute, so this prompt was not run. Try again later.',
).problem

function failAfterTimeout(run: LiveRun): () => void {
  return after(run.createdAt + GUEST_TIMEOUT_MS - Date.now(), () => {
    if (run.state === 'queued') run.fail(NO_SLOT)
  })
}

/** Frees the home at once. The end is written later, so that it does not delay the owner's run. */
function preempt(run: LiveRun) {
  run.abortRequest()
  queueMicrotask(() => {
    run.notify('owner_came')
    run.end('interrupted', {})
  })
}

function interruptionAfter(batches: readonly FrameBatch[]): FrameBatch {
  const log = new EventLog()
  log.resume(batches)
  log.append('interrupted', {})
  return log.takeUnsaved() ?? { last: 0, frames: '' }
}
