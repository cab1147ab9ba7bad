import type { RunEvents, RunPhase } from '../contract/runs.ts'

/** How far a run is, and how long each phase took. */
export class RunPhases {
  phase = $state<RunPhase>('connecting')
  /** The place of a queued run in the queue; 1 is next. */
  place = $state(0)
  /** Milliseconds in each phase; those of the current phase go on counting. */
  spent = $state<Partial<Record<RunPhase, number>>>({})

  #countedAt = 0
  #sinceMs = 0

  begin() {
    this.phase = 'connecting'
    this.place = 0
    this.spent = {}
    this.#sinceMs = 0
    this.resume()
  }

  /** Counts from now on. */
  resume() {
    this.#countedAt = performance.now()
  }

  /**
   * The server's clock says how long the previous phase took, even if the page was closed meanwhile. The current phase of a
   * page that comes late counts from its beginning, by the clock of the device: `startedAt` is ms since 1970, 0 if unknown.
   */
  enter({ phase, place = 0, sinceMs }: RunEvents['phase'], startedAt = 0) {
    this.spent[this.phase] = sinceMs - this.#sinceMs
    this.#sinceMs = sinceMs
    this.phase = phase
    this.place = place
    this.resume()
    this.spent[phase] = startedAt === 0 ? 0 : Math.max(0, Date.now() - startedAt - sinceMs)
  }

  tick() {
    const now = performance.now()
    this.spent[this.phase] = (this.spent[this.phase] ?? 0) + now - this.#countedAt
    this.#countedAt = now
  }
}
