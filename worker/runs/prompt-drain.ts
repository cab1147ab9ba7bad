import type { KeptVerdict } from '../diagnosis/port.ts'
import { iso } from '../time.ts'
import { pause } from '../timers.ts'

/** Each check makes about nine requests, and one invocation may make 50. */
const MAX_CHECKS = 5
const PAUSE_MS = 1000

type Check = (request: { deep: true; model: string }) => Promise<KeptVerdict>

/**
 * Ollama cannot cancel the reading of a prompt. After a run was stopped during that time, deep checks request one token until
 * it arrives: the home is free again. The next run waits for the same, so it cancels the checks.
 */
export class PromptDrain {
  readonly #check: Check
  #cancellation = new AbortController()
  #current: { model: string; since: number } | null = null

  constructor(check: Check) {
    this.#check = check
  }

  /** The model that is known to be reading a stopped prompt. */
  get current(): { model: string; since: string } | null {
    return this.#current && { model: this.#current.model, since: iso(this.#current.since) }
  }

  async watch(model: string): Promise<void> {
    this.cancel()
    const { signal } = (this.#cancellation = new AbortController())
    this.#current = { model, since: Date.now() }
    for (let count = 0; count < MAX_CHECKS; count++) {
      // A run that starts meanwhile has the home to itself.
      await pause(PAUSE_MS, signal)
      if (signal.aborted || !(await this.#isReading(model))) break
    }
    if (!signal.aborted) this.#current = null
  }

  cancel() {
    this.#cancellation.abort()
    this.#current = null
  }

  async #isReading(model: string): Promise<boolean> {
    const checked = await this.#check({ deep: true, model }).catch(() => null)
    return checked?.verdict.ladder.find(({ rung }) => rung === 'generate')?.result === 'fail'
  }
}
