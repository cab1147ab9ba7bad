import { RpcTarget } from 'cloudflare:workers'

/** A place in the queue, then a turn at the home. Left by being let go of, also when whoever has it is gone without a word. */
export class Turn extends RpcTarget {
  readonly #come: Promise<void>
  readonly #leave: () => void

  constructor(come: Promise<void>, leave: () => void) {
    super()
    this.#come = come
    this.#leave = leave
  }

  /** Until it is their turn. */
  come(): Promise<void> {
    return this.#come
  }

  /** Said aloud while the turn is waited for: somebody who waits is not let go of. */
  leave() {
    this.#leave()
  }

  [Symbol.dispose]() {
    this.#leave()
  }
}
