import { RpcTarget } from 'cloudflare:workers'
import { after } from '../timers.ts'
import type { QueueLease as QueueLeasePort } from './port.ts'
import type { Entrant, Queue } from './queue.ts'

/** A lease that has not been renewed for this long has lost its holder. */
const LEASE_MS = 90_000
/** A pending RPC call keeps the object in memory, so every call returns soon. */
const ANSWER_WITHIN_MS = 2000

/**
 * A place in the queue, then a slot at the home. Disposing of the lease gives it back, and so does the end of the request that
 * holds it. It references nothing of that request: a reference would keep the request alive, and the lease with it.
 */
export class QueueLease extends RpcTarget implements QueueLeasePort {
  readonly #leaveQueue: () => void
  readonly #onEnd: (spent: number) => void
  readonly #granted: Promise<true>
  #spent = 0
  #cancelExpiry: () => void = () => undefined

  /** `onEnd` receives once how many tokens the request has cost. */
  constructor(
    queue: Queue,
    entrant: Pick<Entrant, 'lane' | 'token' | 'model'>,
    onEnd: (spent: number) => void,
  ) {
    super()
    this.#onEnd = onEnd
    let grant = () => {}
    this.#granted = new Promise((resolve) => (grant = () => resolve(true)))
    this.#leaveQueue = queue.enter({ ...entrant, id: null, onSlot: () => grant() })
    this.#extend()
  }

  isGranted(): Promise<boolean> {
    this.#extend()
    return Promise.race([
      this.#granted,
      new Promise<false>((resolve) => after(ANSWER_WITHIN_MS, () => resolve(false))),
    ])
  }

  renew(spent: number): Promise<void> {
    this.#spent = spent
    this.#extend()
    return Promise.resolve()
  }

  [Symbol.dispose]() {
    this.#end()
  }

  #extend() {
    this.#cancelExpiry()
    this.#cancelExpiry = after(LEASE_MS, () => this.#end())
  }

  #end() {
    this.#cancelExpiry()
    this.#leaveQueue()
    this.#onEnd(this.#spent)
    this.#spent = 0
  }
}
