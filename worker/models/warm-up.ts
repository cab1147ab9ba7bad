import type { Problem } from '../../src/lib/contract/problem.ts'
import type { WarmRequest, WarmState, WarmUp } from '../../src/lib/contract/warmth.ts'
import { TIMEOUTS } from '../ollama/answer.ts'
import { internalProblem, problemFor } from '../ollama/failure-problem.ts'
import type { HomeAccess } from '../ollama/home-problem.ts'
import { retryWhileBusy } from '../ollama/retry-while-busy.ts'
import type { Queue } from '../runs/queue.ts'
import { iso } from '../time.ts'
import { pause } from '../timers.ts'
import { factsBefore, type Facts } from './facts.ts'
import type { LoadTimes } from './load-times.ts'
import { expiryOf, load } from './loaded.ts'

/** How often, and how many times, the home is checked after its tunnel gave up. One invocation may make 50 requests. */
const WATCH = { everyMs: 5000, times: 24 } as const

export interface WarmUpDependencies extends HomeAccess {
  loadTimes: LoadTimes
  queue: Queue
}

/** Loads one model, whether or not a client waits for it. */
export class WarmUpTask {
  readonly ended: Promise<void>
  readonly #dependencies: WarmUpDependencies
  readonly #request: WarmRequest
  readonly #cancellation = new AbortController()
  #state: WarmState = 'queued'
  #place = 0
  #askedAt: number | null = null
  #endedAt: number | null = null
  #problem: Problem | null = null
  #resolveEnded = () => {}

  constructor(dependencies: WarmUpDependencies, request: WarmRequest) {
    this.#dependencies = dependencies
    this.#request = request
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve))
    const leaveQueue = dependencies.queue.enter({
      lane: 'owner',
      id: null,
      model: request.model,
      onSlot: () => void this.#load(Date.now()),
      onPlace: (place) => (this.#place = place),
    })
    void this.ended.then(leaveQueue)
  }

  get model(): string {
    return this.#request.model
  }

  get hasEnded(): boolean {
    return this.#endedAt !== null
  }

  snapshot(): WarmUp {
    const askedAt = this.#askedAt
    return {
      model: this.model,
      state: this.#state,
      place: this.#place,
      problem: this.#problem,
      askedAt: askedAt === null ? null : iso(askedAt),
      ms: askedAt === null ? null : (this.#endedAt ?? Date.now()) - askedAt,
    }
  }

  /** Ollama cancels a load whose client disconnects. */
  stop() {
    this.#end('stopped')
  }

  #end(state: WarmState, problem: Problem | null = null) {
    if (this.hasEnded) return
    this.#state = state
    this.#place = 0
    this.#problem = problem
    this.#endedAt = Date.now()
    this.#cancellation.abort()
    this.#resolveEnded()
  }

  async #load(askedAt: number) {
    this.#state = 'loading'
    this.#place = 0
    this.#askedAt = askedAt
    const { signal } = this.#cancellation
    const { config } = this.#dependencies
    const facts = factsBefore(config, this.model, signal).catch(() => null)
    try {
      await retryWhileBusy(
        () => load(config, this.#request, TIMEOUTS, signal),
        () => undefined,
        signal,
      )
    } catch (error) {
      if (!signal.aborted) await this.#fail(error, facts, askedAt)
      return
    }
    await this.#recordLoadTime(facts, Date.now() - askedAt, true)
    this.#end('loaded')
  }

  /** After a proxy has given up, the home may continue to load. */
  async #fail(error: unknown, facts: Promise<Partial<Facts> | null>, askedAt: number) {
    const problem = await problemFor(this.#dependencies, this.model, error).catch(internalProblem)
    if (problem.reason !== 'silent_too_long') return this.#end('failed', problem)
    await this.#recordLoadTime(facts, Date.now() - askedAt, false)
    if (await this.#finishesLoading()) this.#end('loaded')
    else this.#end('failed', problem)
  }

  async #recordLoadTime(facts: Promise<Partial<Facts> | null>, ms: number, isWhole: boolean) {
    const { cold, digest = null, size = null } = (await facts) ?? {}
    if (cold) this.#dependencies.loadTimes.add({ model: this.model, digest, size }, ms, isWhole)
  }

  /**
   * Ollama cancels a load when it notices that its client is gone; if the proxy does not pass that on, the load continues.
   * While a model loads, 0.12 lists it with an expiry that moves on. Once it is loaded, the expiry stands still.
   */
  async #finishesLoading(): Promise<boolean> {
    this.#state = 'watching'
    const { signal } = this.#cancellation
    let before: string | null = null
    for (let count = 0; count < WATCH.times && !signal.aborted; count++) {
      await pause(WATCH.everyMs, signal)
      const now = await expiryOf(this.#dependencies.config, this.model, signal)
      if (now !== null && now === before) return true
      before = now
    }
    return false
  }
}
