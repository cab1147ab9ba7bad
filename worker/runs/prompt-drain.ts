import type { KeptVerdict } from '../diagnosis/port.ts'
import { pause } from '../timers.ts'
import { iso } from '../time.ts'

/** A check waits up to 16 s for its token, and makes some nine requests; an invocation may make 50. */
const LOOKS = 5
const BETWEEN_MS = 1000

type Check = (request: { deep: true; model: string }) => Promise<KeptVerdict>

/**
 * Ollama cannot break off the reading of a prompt. After a run was stopped while its prompt was read, one token is asked for
 * until it comes: then the home is free again. What is asked for next waits for the same, so it ends the watch.
 */
export class PromptDrain {
  readonly #check: Check
  #leave = new AbortController()
  #now: { model: string; since: number } | null = null

  constructor(check: Check) {
    this.#check = check
  }

  /** `null`: nothing is known to be read. */
  get now(): { model: string; since: string } | null {
    return this.#now && { model: this.#now.model, since: iso(this.#now.since) }
  }

  async watch(model: string): Promise<void> {
    this.forget()
    const { signal } = (this.#leave = new AbortController())
    this.#now = { model, since: Date.now() }
    for (let nth = 0; nth < LOOKS; nth++) {
      // Whatever comes next has the home for itself.
      await pause(BETWEEN_MS, signal)
      if (signal.aborted || !(await this.#goesOn(model))) break
    }
    if (!signal.aborted) this.#now = null
  }

  forget() {
    this.#leave.abort()
    this.#now = null
  }

  async #goesOn(model: string): Promise<boolean> {
    const checked = await this.#check({ deep: true, model }).catch(() => null)
    return checked?.verdict.ladder.find(({ rung }) => rung === 'generate')?.result === 'fail'
  }
}
