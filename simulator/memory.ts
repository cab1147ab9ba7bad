/** Which models are loaded, for how long, and which clients use them. */
import { timestamp } from './durations.ts'
import { DEFAULT_NUM_CTX } from './models.ts'
import type { Model } from './models.ts'
import { Turnstile, pause } from './turnstile.ts'
import type { Release } from './turnstile.ts'

export const KEEP_ALIVE_MS = 5 * 60_000
const LONGEST_TIMER_MS = 2 ** 31 - 1
const UNLOADING_MS = 150
const DAY_MS = 24 * 3_600_000

export interface Runner {
  model: Model
  numCtx: number
  expiresAt: string
  /** The last value counts until another one arrives. */
  keepAliveMs: number
  slot: Turnstile
}

export interface Wish {
  model: Model
  numCtx: number | null
  keepAliveMs: number | null
  left: AbortSignal
}

export type Held = { release: Release; cold: boolean } | { error: string } | null

/** A model without a date of its own was pulled a day before the one above it in the list. */
export function isoOrNow(model: Model): string {
  return model.modifiedAt ?? timestamp(Date.now() - DAY_MS)
}

export function dated(models: readonly Model[]): readonly Model[] {
  return models.map((model, index) => ({
    ...model,
    modifiedAt: model.modifiedAt ?? timestamp(Date.now() - (index + 1) * DAY_MS),
  }))
}

const weightsOf = (model: Model): string => model.weights ?? model.digest

export class Memory {
  readonly #loads = new Turnstile()
  readonly #loadMs: number | undefined
  readonly #manyWithoutGpu: boolean
  readonly #timers = new Map<Runner, NodeJS.Timeout>()
  /** Unloading: still in the list, but no longer usable. */
  readonly #leaving = new Map<Runner, NodeJS.Timeout>()

  constructor(loadMs: number | undefined, manyWithoutGpu: boolean) {
    this.#loadMs = loadMs
    this.#manyWithoutGpu = manyWithoutGpu
  }

  listed(): Runner[] {
    return [...this.#timers.keys(), ...this.#leaving.keys()].sort((one, other) =>
      other.expiresAt.localeCompare(one.expiresAt),
    )
  }

  #find(model: Model): Runner | undefined {
    return [...this.#timers.keys()].find((runner) => weightsOf(runner.model) === weightsOf(model))
  }

  put(model: Model, keepAliveMs: number, numCtx = model.numCtx ?? DEFAULT_NUM_CTX): Runner {
    const runner = { model, numCtx, expiresAt: '', keepAliveMs, slot: new Turnstile() }
    this.#keep(runner, keepAliveMs)
    return runner
  }

  #keep(runner: Runner, keepAliveMs: number): void {
    clearTimeout(this.#timers.get(runner))
    runner.keepAliveMs = keepAliveMs
    runner.expiresAt = timestamp(Date.now() + keepAliveMs)
    const timer = setTimeout(() => this.#drop(runner), Math.min(keepAliveMs, LONGEST_TIMER_MS))
    this.#timers.set(runner, timer.unref())
  }

  #drop(runner: Runner): void {
    clearTimeout(this.#timers.get(runner))
    this.#timers.delete(runner)
  }

  unload(model: Model): void {
    const runner = this.#find(model)
    if (!runner) return
    this.#drop(runner)
    runner.expiresAt = timestamp()
    const timer = setTimeout(() => this.#leaving.delete(runner), UNLOADING_MS)
    this.#leaving.set(runner, timer.unref())
  }

  clear(): void {
    for (const runner of [...this.#timers.keys()]) this.#drop(runner)
    for (const timer of this.#leaving.values()) clearTimeout(timer)
    this.#leaving.clear()
  }

  /** The model, loaded and reserved for this client; null if the client disconnected first. */
  async hold(wish: Wish): Promise<Held> {
    for (let cold = false; ; cold = true) {
      const runner = this.#find(wish.model)
      if (!runner || runner.numCtx !== this.#numCtx(wish)) {
        const problem = await this.#load(wish)
        if (problem !== 'loaded') return problem
        continue
      }
      const leave = await runner.slot.enter(wish.left)
      if (!leave) return null
      if (this.#timers.has(runner)) return { cold, release: this.#releaser(runner, leave, wish) }
      leave()
    }
  }

  #numCtx(wish: Wish): number {
    return wish.numCtx ?? wish.model.numCtx ?? DEFAULT_NUM_CTX
  }

  /** A model stays loaded until its client is served: the timer is stopped. */
  #releaser(runner: Runner, leave: Release, wish: Wish): Release {
    clearTimeout(this.#timers.get(runner))
    return () => {
      const keepAliveMs = wish.keepAliveMs ?? runner.keepAliveMs
      if (this.#timers.has(runner) && keepAliveMs > 0) this.#keep(runner, keepAliveMs)
      else this.#drop(runner)
      leave()
    }
  }

  async #load(wish: Wish): Promise<'loaded' | { error: string } | null> {
    const done = await this.#loads.enter(wish.left)
    if (!done) return null
    try {
      if (this.#find(wish.model)?.numCtx === this.#numCtx(wish)) return 'loaded'
      if (!(await this.#makeRoom(wish))) return null
      if (!(await pause(this.#loadMs ?? wish.model.loadMs, wish.left))) return null
      if (wish.model.loadError) return { error: wish.model.loadError }
      this.put(wish.model, wish.keepAliveMs ?? KEEP_ALIVE_MS, this.#numCtx(wish))
      return 'loaded'
    } finally {
      done()
    }
  }

  /** Without a GPU, 0.12 unloads every other model; with one, only this model's own runner of another size. */
  async #makeRoom(wish: Wish): Promise<boolean> {
    const own = this.#find(wish.model)
    const leaving =
      wish.model.gpuShare === 0 && !this.#manyWithoutGpu
        ? [...this.#timers.keys()]
        : own
          ? [own]
          : []
    for (const runner of leaving) {
      const leave = await runner.slot.enter(wish.left)
      if (!leave) return false
      this.#drop(runner)
      leave()
    }
    return true
  }
}
