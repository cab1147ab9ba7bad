import type { Cause } from './causes.ts'
import type { Asked } from './evidence-log.ts'
import type { Facts } from './facts.ts'
import type { ReasonName, Step } from './reasons/index.ts'
import type { Finding, Rung } from './rungs.ts'

/** The conclusion of one check: what a person is told. Times are added by whoever keeps it. */
export interface Verdict {
  status: 'pass' | 'warn' | 'fail'
  cause: Cause
  reason: ReasonName
  rung: Rung
  /** `low`: `alternatives` look the same from here, likeliest first. */
  confidence: 'high' | 'low'
  title: string
  summary: string
  /** What was seen that says it. */
  why: string
  fix: Step[]
  /** Whether asking again without doing anything may help. */
  retry: boolean
  /** Where the cause is explained. */
  help: string
  alternatives: Cause[]
  ladder: Finding[]
  version: string | null
  models: string[] | null
  /** What was asked and what came back, cut short: for the owner to read, or to hand on when asking for help. */
  evidence: Asked[]
  /** The same as text, without the home's name, addresses and tokens. */
  report: string
}

export interface Conclusion {
  reason: ReasonName
  facts: Facts
  /** What was expected and what came, in one line each. */
  expected?: string
  seen?: string
  status?: 'warn' | 'fail'
  /** Where it is dark, when that is another rung than the reason's own. */
  rung?: Rung
  version?: string | null
  models?: string[] | null
  ms?: number | null
}
