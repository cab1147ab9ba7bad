import { asked, type Asked } from './evidence-log.ts'
import { CAUSES, type Cause } from './causes.ts'
import type { Evidence } from './evidence.ts'
import { fill, fillFix, type Facts } from './facts.ts'
import { darkRung, findings } from './findings.ts'
import { reportOf } from './report.ts'
import { reason, type ReasonName, type Step } from './reasons/index.ts'
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

export const helpFor = (cause: Cause) => `/help/${cause}`

/** Puts a reason and its facts into the words and the ladder that a person reads. */
export function conclude(evidence: Evidence, conclusion: Conclusion): Verdict {
  const { facts, version = null, models = null } = conclusion
  const row = reason(conclusion.reason)
  const status = conclusion.status ?? (row.cause === 'ok' ? 'pass' : 'fail')
  const verdict: Omit<Verdict, 'report'> = {
    status,
    cause: row.cause,
    reason: conclusion.reason,
    rung: darkRung(evidence, conclusion),
    confidence: row.or ? 'low' : 'high',
    title: CAUSES[row.cause].title,
    summary: fill(row.summary, evidence, facts),
    why: fill(row.why, evidence, facts),
    fix: fillFix(row, evidence, facts),
    retry: row.retry ?? false,
    help: helpFor(row.cause),
    alternatives: [...(row.or ?? [])],
    ladder: findings(evidence, { ...conclusion, status }),
    version,
    models,
    evidence: asked(evidence),
  }
  return { ...verdict, report: reportOf(verdict, evidence.address.host) }
}
