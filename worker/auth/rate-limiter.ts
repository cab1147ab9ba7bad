const WINDOW_MS = 60_000
/** Our own names are shorter; a longer one is invented, and only its start is kept. */
const MAX_NAME_CHARS = 80
/** More names than this are invented to use up memory, so all counts restart. */
const MAX_NAMES = 10_000

/** Counts events per name and minute, in memory only: a stranger’s request must not cause a write. */
export class FixedWindowLimiter {
  #counts = new Map<string, number>()
  #since = 0

  /** Counts one event for each name. `true` if any name then has more than `max`. */
  isOver(max: number, names: readonly string[], now: number): boolean {
    if (now - this.#since >= WINDOW_MS || this.#counts.size > MAX_NAMES) {
      this.#counts.clear()
      this.#since = now
    }
    return names
      .map((name) => this.#count(name.slice(0, MAX_NAME_CHARS)))
      .some((count) => count > max)
  }

  /** Until the counts restart. */
  leftMs(now: number): number {
    return Math.max(1, this.#since + WINDOW_MS - now)
  }

  #count(name: string): number {
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    return count
  }
}
