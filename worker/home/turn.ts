import { RpcTarget } from 'cloudflare:workers'
import type { Entrant, Queue } from './queue.ts'
import { every } from './timers.ts'

/** How often whoever has a turn is asked whether they are still there. ms. */
const ASK_MS = 30_000

/** Called when the turn comes, and again and again while it lasts: who does not answer has lost it. */
export type OnTurn = () => Promise<void>

/** A place in the queue, then a turn at the home. It is given back by being let go of, also when whoever has it is gone without a word. */
export class Turn extends RpcTarget {
  readonly #leave: () => void
  #stopAsking = () => {}

  constructor(queue: Queue, entrant: Pick<Entrant, 'lane' | 'model'>, onTurn: OnTurn) {
    super()
    const ask = () => void onTurn().catch(() => this[Symbol.dispose]())
    const leave = queue.enter({
      ...{ ...entrant, id: null },
      onTurn: () => {
        ask()
        this.#stopAsking = every(ASK_MS, ask)
      },
    })
    this.#leave = leave
  }

  [Symbol.dispose]() {
    this.#stopAsking()
    this.#leave()
  }
}
