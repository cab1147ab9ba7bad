import type { Cause } from './causes.ts'
import type { EvidenceEntry } from './evidence-log.ts'
import type { Facts } from './facts.ts'
import type { ReasonName, Step } from './reasons/index.ts'
import type { Finding, Rung } from './rungs.ts'

/** The result of one check, as people read it. The code that stores it adds the times. */
export interface Verdict {
  status: 'pass' | 'warn' | 'fail'
  cause: Cause
  reason: ReasonName
  rung: Rung
  /** `low`: `alternatives` look the same from here, likeliest first. */
  confidence: 'high' | 'low'
  title: string
  summary: string
  /** The observation behind the conclusion. */
  why: string
  fix: Step[]
  /** Whether another check may succeed without any change. */
  retry: boolean
  /** The page that explains the cause. */
  help: string
  alternatives: Cause[]
  ladder: Finding[]
  version: string | null
  models: string[] | null
  /** The requests and their answers, shortened: for the owner, or to send along when asking for help. */
  evidence: EvidenceEntry[]
  /** The evidence as text, without the home's name, addresses and tokens. */
  report: string
}

export interface Conclusion {
  reason: ReasonName
  facts: Facts
  /** The expected and the actual result, in one line each. */
  expected?: string
  seen?: string
  status?: 'warn' | 'fail'
  /** The rung that failed, if it is not the reason's own. */
  rung?: Rung
  version?: string | null
  models?: string[] | null
  ms?: number | null
}
