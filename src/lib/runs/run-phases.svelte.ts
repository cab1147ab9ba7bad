import type { RunEvents, RunPhase } from '../contract/runs.ts'

export type Phase = 'queue' | 'connect' | 'load' | 'prompt' | 'think' | 'answer'

const PHASES = {
  queued: 'queue',
  connecting: 'connect',
  loading: 'load',
  prompt: 'prompt',
  thinking: 'think',
  answering: 'answer',
} as const satisfies Record<RunPhase, Phase>

/** How far a run is, and how long each stage took. */
export class RunPhases {
  phase = $state<Phase>('connect')
  /** Of a run that waits: how many are to be done, this one included. */
  place = $state(0)
  /** ms that each phase took; the current one counts on. */
  spent = $state<Partial<Record<Phase, number>>>({})

  #at = 0
  #sinceMs = 0

  begin() {
    Object.assign(this, { phase: 'connect', place: 0, spent: {} })
    this.#sinceMs = 0
    this.watch()
  }

  /** From now on somebody looks. */
  watch() {
    this.#at = performance.now()
  }

  /**
   * The server's own clock says how long the phase before it was, also when nobody watched. `startedAt` (ms since 1970, 0:
   * not known): who comes late counts from when it began, by the clock of the device that started it.
   */
  enter({ phase, place = 0, sinceMs }: RunEvents['phase'], startedAt = 0) {
    this.spent[this.phase] = sinceMs - this.#sinceMs
    this.#sinceMs = sinceMs
    this.phase = PHASES[phase]
    this.place = place
    this.watch()
    this.spent[this.phase] = startedAt === 0 ? 0 : Math.max(0, Date.now() - startedAt - sinceMs)
  }

  tick() {
    const now = performance.now()
    this.spent[this.phase] = (this.spent[this.phase] ?? 0) + now - this.#at
    this.#at = now
  }
}
