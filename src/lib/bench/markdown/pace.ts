/** For reading, layout and paint together. */
const BUDGET_MS = 40
const MIN_REST_MS = 50
const MAX_REST_MS = 400
/** Less text takes just as long, because layout and paint dominate. */
const MIN_CHARACTERS = 1000
const MAX_CHARACTERS = 20_000

/** Learns from past frames how much text this device can show at once, and how long to pause afterwards. */
export class Pace {
  /** How many characters to show at once. */
  bite = 2 * MIN_CHARACTERS
  /** Leaves at least a third of the time for other work. */
  restMs = MIN_REST_MS

  learn(characters: number, ms: number) {
    this.restMs = Math.min(MAX_REST_MS, Math.max(MIN_REST_MS, ms / 2))
    // A small piece says little about the time of a whole bite.
    if (characters < this.bite) return
    const fitting = this.bite * Math.min(2, BUDGET_MS / Math.max(ms, 1))
    this.bite = Math.round(Math.min(MAX_CHARACTERS, Math.max(MIN_CHARACTERS, fitting)))
  }
}
