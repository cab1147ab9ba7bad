import type { Problem } from '../../src/lib/contract/problem.ts'
import type { WarmRequest, WarmState, WarmUp } from '../../src/lib/contract/warmth.ts'
import { TIMEOUTS } from '../ollama/answer.ts'
import { factsBefore } from './facts.ts'
import { expiryOf, load } from './loaded.ts'
import type { HomeAccess } from '../ollama/home-problem.ts'
import { retryWhileBusy } from '../ollama/retry-while-busy.ts'
import { internalProblem, problemFor } from '../ollama/failure-problem.ts'
import type { Loads } from './load-times.ts'
import type { Queue } from '../runs/queue.ts'
import { pause } from '../timers.ts'
import { iso } from '../time.ts'

/** How often it is seen whether a home loads on whose tunnel has given up, and how many times. An invocation may ask 50 times. */
const WATCH = { everyMs: 5000, times: 24 } as const

export interface Needs extends HomeAccess {
  loads: Loads
  queue: Queue
}

/** Loads one model, and goes on when whoever asked for it has left. */
export class WarmUpTask {
  readonly #needs: Needs
  readonly #request: WarmRequest
  readonly #leave = new AbortController()
  readonly #leaveQueue: () => void
  #state: WarmState = 'queued'
  #place = 0
  #askedAt: number | null = null
  #endedAt: number | null = null
  #problem: Problem | null = null
  #setOver = () => {}
  readonly over = new Promise<void>((resolve) => (this.#setOver = resolve))

  constructor(needs: Needs, request: WarmRequest) {
    this.#needs = needs
    this.#request = request
    this.#leaveQueue = needs.queue.enter({
      ...{ lane: 'owner', id: null, model: request.model },
      onTurn: () => void this.#load(),
      onPlace: (place) => (this.#place = place),
    })
    void this.over.then(() => this.#leaveQueue())
  }

  get isOver(): boolean {
    return this.#endedAt !== null
  }

  told(): WarmUp {
    const { model } = this.#request
    return {
      ...{ model, state: this.#state, place: this.#place, problem: this.#problem },
      askedAt: this.#askedAt === null ? null : iso(this.#askedAt),
      ms: this.#askedAt === null ? null : (this.#endedAt ?? Date.now()) - this.#askedAt,
    }
  }

  /** Ollama gives up a load whose client leaves. */
  stop() {
    this.#end('stopped')
  }

  #end(state: WarmState, problem: Problem | null = null) {
    if (this.isOver) return
    this.#state = state
    this.#place = 0
    this.#problem = problem
    this.#endedAt = Date.now()
    this.#leave.abort()
    this.#setOver()
  }

  async #load() {
    this.#state = 'loading'
    this.#place = 0
    const askedAt = (this.#askedAt = Date.now())
    const { model } = this.#request
    const { signal } = this.#leave
    const { config, loads } = this.#needs
    const facts = factsBefore(config, model, signal).catch(() => null)
    const learn = async (isWhole: boolean) => {
      const ms = Date.now() - askedAt
      const known = await facts
      if (known?.cold)
        loads.add({ model, digest: known.digest ?? null, size: known.size ?? null }, ms, isWhole)
    }
    try {
      await retryWhileBusy(
        () => load(config, this.#request, TIMEOUTS, signal),
        () => undefined,
        signal,
      )
      await learn(true)
      this.#end('loaded')
    } catch (error) {
      if (signal.aborted) return
      const problem = await problemFor(this.#needs, model, error).catch(internalProblem)
      if (problem.reason !== 'silent_too_long') return this.#end('failed', problem)
      await learn(false)
      if (await this.#loadsOn()) this.#end('loaded')
      else this.#end('failed', problem)
    }
  }

  /**
   * A proxy that gives up tells the home or does not. Ollama breaks off a load whose client has left; where nobody told it,
   * the model turns up. While it loads, 0.12 lists it with an end that moves on; one that is loaded has an end that stands.
   */
  async #loadsOn(): Promise<boolean> {
    this.#state = 'watching'
    const { config } = this.#needs
    const { signal } = this.#leave
    let before: string | null = null
    for (let nth = 0; nth < WATCH.times && !signal.aborted; nth++) {
      await pause(WATCH.everyMs, signal)
      const now = await expiryOf(config, this.#request.model, signal)
      if (now !== null && now === before) return true
      before = now
    }
    return false
  }
}
