/** What may be read and shown within one frame; laying it out takes as long again. ms. */
const BUDGET_MS = 6
const LEAST = 200
const MOST = 20_000

/** How much of a text can be shown in a frame on this device, learned from what it took before. */
export class Pace {
  /** Characters. */
  bite = 2000

  /** Does it, and learns from it. */
  measure(characters: number, show: () => void) {
    const startedAt = performance.now()
    show()
    // What came in drops says little about what a whole bite would take.
    if (characters >= this.bite) this.#learn(performance.now() - startedAt)
  }

  #learn(ms: number) {
    const fitting = this.bite * Math.min(2, BUDGET_MS / Math.max(ms, 0.1))
    this.bite = Math.round(Math.min(MOST, Math.max(LEAST, fitting)))
  }
}
