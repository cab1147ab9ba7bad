import type { Cause } from '../causes.ts'
import type { Rung } from '../rungs.ts'

/** One thing to do, with at most one command to copy. `{…}` is filled from the facts of the check (facts.ts). */
export interface Step {
  text: string
  command?: string
}

export interface Reason {
  cause: Cause
  rung: Rung
  /** What is wrong, for a phone. `{…}` is filled from the facts of the check. */
  summary: string
  fix: readonly Step[]
  /** Other causes that look the same from here, likeliest first. With any, confidence is low. */
  or?: readonly Cause[]
  /** Whether asking again without doing anything may help. */
  retry?: boolean
}
