/** One at a time, first come, first served; a client that disconnects while waiting is removed. */
export type Release = () => void

export class Turnstile {
  #busy = false
  #waiting: (() => void)[] = []

  /** null: the client disconnected before its turn. */
  async enter(left: AbortSignal): Promise<Release | null> {
    if (left.aborted) return null
    if (this.#busy && !(await this.#wait(left))) return null
    this.#busy = true
    let released = false
    return () => {
      if (!released) this.#next()
      released = true
    }
  }

  #wait(left: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const mine = () => settle(true)
      const gone = () => settle(false)
      const settle = (turn: boolean) => {
        left.removeEventListener('abort', gone)
        this.#waiting = this.#waiting.filter((other) => other !== mine)
        resolve(turn)
      }
      left.addEventListener('abort', gone)
      this.#waiting.push(mine)
    })
  }

  /** The slot is handed over without being free in between, so that no client can jump the queue. */
  #next(): void {
    const next = this.#waiting[0]
    if (next) next()
    else this.#busy = false
  }
}

/** False if the client disconnected before the time was up. */
export function pause(ms: number, left: AbortSignal): Promise<boolean> {
  if (left.aborted) return Promise.resolve(false)
  return new Promise((resolve) => {
    const settle = (over: boolean) => {
      clearTimeout(timer)
      left.removeEventListener('abort', gone)
      resolve(over)
    }
    const gone = () => settle(false)
    const timer = setTimeout(() => settle(true), ms)
    left.addEventListener('abort', gone)
  })
}
