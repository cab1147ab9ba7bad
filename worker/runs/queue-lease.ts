import { RpcTarget } from 'cloudflare:workers'
import type { QueueLease as Lease } from './port.ts'
import type { Entrant, Queue } from './queue.ts'
import { after } from '../timers.ts'

/** A place that nobody has asked about for so long is free again: whoever held it is gone without a word. ms. */
const LEASE_MS = 90_000
/** An object is not let go of while it answers, so it answers soon. ms. */
const ANSWER_WITHIN_MS = 2000

/**
 * A place in the queue, then a turn at the home. It is given back by being let go of, also when the request that holds it is
 * gone. It holds nothing of that request: what is held would keep the request alive, and the place with it.
 */
export class QueueLease extends RpcTarget implements Lease {
  readonly #leave: () => void
  readonly #onEnd: (spent: number) => void
  #spent = 0
  readonly #comes: Promise<true>
  #cancelLease: () => void = () => undefined

  /** `onEnd` is told once what the turn has cost, in tokens. */
  constructor(
    queue: Queue,
    entrant: Pick<Entrant, 'lane' | 'token' | 'model'>,
    onEnd: (spent: number) => void,
  ) {
    super()
    this.#onEnd = onEnd
    let come = () => {}
    this.#comes = new Promise((resolve) => (come = () => resolve(true)))
    this.#leave = queue.enter({ ...entrant, id: null, onTurn: () => come() })
    this.#extend()
  }

  /** Whether the slot has been granted. Waits for a moment before it answers `false`. */
  isGranted(): Promise<boolean> {
    this.#extend()
    return Promise.race([
      this.#comes,
      new Promise<false>((resolve) => after(ANSWER_WITHIN_MS, () => resolve(false))),
    ])
  }

  /** `spent`: tokens so far. */
  renew(spent: number): Promise<void> {
    this.#spent = spent
    this.#extend()
    return Promise.resolve()
  }

  [Symbol.dispose]() {
    this.#end()
  }

  #extend() {
    this.#cancelLease()
    this.#cancelLease = after(LEASE_MS, () => this.#end())
  }

  #end() {
    this.#cancelLease()
    this.#leave()
    this.#onEnd(this.#spent)
    this.#spent = 0
  }
}
