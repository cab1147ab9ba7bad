import type { Cause } from '../causes.ts'
import type { ProviderName } from '../providers.ts'
import type { Rung } from '../rungs.ts'

/** The same command for another tunnel or another system. */
export interface Variant {
  for: string
  command: string
}

/** One thing to do, with at most one command to copy; `variants` where it depends on tunnel or system, likeliest first. */
export interface Step {
  text: string
  command?: string
  /** What the variants differ by: the tunnel in use, the home's system, or where this server runs. */
  by?: 'tunnel' | 'system' | 'place'
  variants?: Variant[]
}

/** A step before its `{…}` are filled. A command that is one word of choices.ts, as `{start}`, becomes its variants. */
export interface StepTemplate {
  text: string
  command?: string
}

export interface Reason {
  cause: Cause
  rung: Rung
  /** What is wrong, for a phone. `{…}` is filled from the facts of the check (facts.ts). */
  summary: string
  /** Why we think so: what was seen that says it. */
  why: string
  fix: readonly StepTemplate[]
  /** The tunnels that alone can be meant, when the reason is about one. */
  tunnels?: readonly ProviderName[]
  /** Confidence: other causes that look the same from here, likeliest first. With any, it is low. */
  or?: readonly Cause[]
  /** Whether asking again without doing anything may help. */
  retry?: boolean
}
