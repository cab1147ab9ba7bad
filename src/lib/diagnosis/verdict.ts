import { evidenceLog } from './evidence-log.ts'
import { CAUSES, type Cause } from './causes.ts'
import type { Evidence } from './evidence.ts'
import { fill, fillFix } from './facts.ts'
import type { Conclusion, Verdict } from './conclusion.ts'
import { failedRung, findings } from './findings.ts'
import { reportOf } from './report.ts'
import { reason } from './reasons/index.ts'

export const helpFor = (cause: Cause) => `/help/${cause}`

/** Turns a reason and its facts into the sentences and the ladder that people read. */
export function conclude(evidence: Evidence, conclusion: Conclusion): Verdict {
  const { facts, version = null, models = null } = conclusion
  const row = reason(conclusion.reason)
  const status = conclusion.status ?? (row.cause === 'ok' ? 'pass' : 'fail')
  const verdict: Omit<Verdict, 'report'> = {
    status,
    cause: row.cause,
    reason: conclusion.reason,
    rung: failedRung(evidence, conclusion),
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
    evidence: evidenceLog(evidence),
  }
  return { ...verdict, report: reportOf(verdict, evidence.address.host) }
}
