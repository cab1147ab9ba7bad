/** Only the last seconds count, because the average of the whole run would hide a stall. */
const WINDOW_MS = 3000
/** Shorter samples give no meaningful rate. */
const MIN_MS = 400
const MIN_TOKENS = 4
/** Tokens from before the connection arrive all at once, so the first moments are not counted. */
const CATCH_UP_MS = 1000

export class LiveRate {
  #samples: { at: number; tokens: number }[] = []
  #countsFrom = 0

  /** `isLate`: the first tokens may have been written before the connection. */
  begin(now: number, isLate = false) {
    this.#samples = []
    this.#countsFrom = isLate ? now + CATCH_UP_MS : 0
  }

  /** `tokens`: the total so far. */
  take(tokens: number, now: number) {
    if (now < this.#countsFrom) this.#samples = []
    this.#samples.push({ at: now, tokens })
  }

  /** Tokens per second; `null`: too early to measure. */
  at(now: number): number | null {
    while (this.#samples[1] && this.#samples[1].at < now - WINDOW_MS) this.#samples.shift()
    const [first] = this.#samples
    const ms = now - (first?.at ?? now)
    const tokens = (this.#samples.at(-1)?.tokens ?? 0) - (first?.tokens ?? 0)
    if (ms > WINDOW_MS) return (tokens * 1000) / ms
    return ms < MIN_MS || tokens < MIN_TOKENS ? null : (tokens * 1000) / ms
  }
}
