import { every } from '../timers.ts'
import type { QueueLease } from './port.ts'

/** A request that is aborted cannot report its tokens at the end, so every renewal of the lease reports them. */
const RENEW_EVERY_MS = 1000

/** The request's side of a lease: keeps it renewed until the request gives it back. */
export class QueueSlot {
  readonly #lease: QueueLease
  readonly #stopRenewing: () => void
  #spent = 0
  #isHeld = true

  constructor(lease: QueueLease) {
    this.#lease = lease
    this.#stopRenewing = every(RENEW_EVERY_MS, () => this.#renew())
  }

  /** Resolves when the home is free for this request, or when it has left. */
  async granted(left: AbortSignal): Promise<void> {
    while (!left.aborted && !(await this.#lease.isGranted()));
    if (left.aborted) this.giveBack()
  }

  /** How many tokens this request has cost the home so far. */
  count(tokens: number) {
    const isFirst = this.#spent === 0
    this.#spent = tokens
    if (isFirst) this.#renew()
  }

  giveBack() {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#stopRenewing()
    this.#renew()
    this.#lease[Symbol.dispose]()
  }

  #renew() {
    void this.#lease.renew(this.#spent).catch(() => undefined)
  }
}
