/** Tokens that came in the last seconds tell how fast it is now; those of the whole run would hide that it stands still. */
const WINDOW_MS = 3000
/** Fewer say nothing. */
const LEAST_MS = 400
const LEAST_TOKENS = 4
/** What was written while nobody looked comes at once. So long after a connection nothing is counted. ms. */
const CATCHING_UP_MS = 1000

/** How many tokens a second come, as they are seen to come. */
export class LiveRate {
  #seen: { at: number; tokens: number }[] = []
  #from = 0

  /** Begins anew; `isLate`: what comes first may have been written before. */
  begin(now: number, isLate = false) {
    this.#seen = []
    this.#from = isLate ? now + CATCHING_UP_MS : 0
  }

  /** So many tokens are there by now, all in all. */
  take(tokens: number, now: number) {
    if (now < this.#from) this.#seen = []
    this.#seen.push({ at: now, tokens })
  }

  /** Tokens per second; `null`: too early to say. */
  at(now: number): number | null {
    while (this.#seen[1] && this.#seen[1].at < now - WINDOW_MS) this.#seen.shift()
    const [first] = this.#seen
    const ms = now - (first?.at ?? now)
    const tokens = (this.#seen.at(-1)?.tokens ?? 0) - (first?.tokens ?? 0)
    if (ms > WINDOW_MS) return (tokens * 1000) / ms
    return ms < LEAST_MS || tokens < LEAST_TOKENS ? null : (tokens * 1000) / ms
  }
}
