import { RpcTarget } from 'cloudflare:workers'

/** A turn at the home. It is given back by being let go of, also when whoever has it is gone without a word. */
export class Turn extends RpcTarget {
  readonly #giveBack: () => void

  constructor(giveBack: () => void) {
    super()
    this.#giveBack = giveBack
  }

  [Symbol.dispose]() {
    this.#giveBack()
  }
}
