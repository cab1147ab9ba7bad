/** What reading, laying out and painting may take at once. ms. */
const BUDGET_MS = 40
/** What comes in drops is shown so often. ms. */
const OFTEN_MS = 50
const SELDOM_MS = 400
/** Characters. Less than that costs as much: most of it is laying out and painting. */
const LEAST = 1000
const MOST = 20_000

/** How much of a text is shown at once on this device, and how long it rests then: learned from what it took before. */
export class Pace {
  /** Characters. */
  bite = 2 * LEAST
  /** ms. A third of the time at least is for other things. */
  rest = OFTEN_MS

  /** To show so many characters has taken so long. */
  learn(characters: number, ms: number) {
    this.rest = Math.min(SELDOM_MS, Math.max(OFTEN_MS, ms / 2))
    // What came in drops says little about what a whole bite would take.
    if (characters < this.bite) return
    const fitting = this.bite * Math.min(2, BUDGET_MS / Math.max(ms, 1))
    this.bite = Math.round(Math.min(MOST, Math.max(LEAST, fitting)))
  }
}
