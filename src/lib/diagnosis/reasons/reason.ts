import type { Cause } from '../causes.ts'
import type { ProviderName } from '../providers.ts'
import type { Rung } from '../rungs.ts'

/** The same command for another tunnel or another system. */
export interface Variant {
  for: string
  command: string
}

/** One step of a fix, with at most one command to copy; `variants` if it depends on tunnel or system, likeliest first. */
export interface Step {
  text: string
  command?: string
  /** What the variants depend on: the tunnel, the home's system, or where this server runs. */
  by?: 'tunnel' | 'system' | 'place'
  variants?: Variant[]
}

/** A step with placeholders. A command that is one word of command-variants.ts, such as `{start}`, becomes its variants. */
export interface StepTemplate {
  text: string
  command?: string
}

export interface Reason {
  cause: Cause
  rung: Rung
  /** What is wrong, in one sentence. `{…}` is filled from the facts of the check (facts.ts). */
  summary: string
  /** Why we think so: the observation behind it. */
  why: string
  fix: readonly StepTemplate[]
  /** The only tunnels that the reason can apply to, if it is about a tunnel. */
  tunnels?: readonly ProviderName[]
  /** Other causes that look the same from here, likeliest first. With any, the confidence is low. */
  or?: readonly Cause[]
  /** Whether another check may succeed without any change. */
  retry?: boolean
}
