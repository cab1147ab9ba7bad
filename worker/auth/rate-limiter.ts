const WINDOW_MS = 60_000
/** Characters of a name: what is longer is none of ours. */
const LONGEST = 80
/** Names that are kept in mind at once: more means that somebody makes them up, and then all of them are forgotten. */
const MOST_NAMES = 10_000

/** Counts who does something in a minute. In memory alone: a stranger must not make anything be written. Times in ms. */
export class FixedWindowLimiter {
  #counts = new Map<string, number>()
  #since = 0

  /** Counts one for each name, and says whether that is more than `most` for any. */
  isOver(most: number, names: readonly string[], now: number): boolean {
    if (now - this.#since >= WINDOW_MS || this.#counts.size > MOST_NAMES) {
      this.#counts.clear()
      this.#since = now
    }
    return names.map((name) => this.#count(name.slice(0, LONGEST))).some((count) => count > most)
  }

  /** Until it counts anew. */
  leftMs(now: number): number {
    return Math.max(1, this.#since + WINDOW_MS - now)
  }

  #count(name: string): number {
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    return count
  }
}
