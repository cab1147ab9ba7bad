import { CAUSES, type Cause } from './causes.ts'
import type { Evidence } from './evidence.ts'
import { fill, fillFix, type Facts } from './facts.ts'
import { isAddressLiteral } from './address.ts'
import { asked, type Asked } from './asked.ts'
import { reason, type ReasonName, type Step } from './reasons/index.ts'
import { LADDER, RUNGS, type Finding, type Rung } from './rungs.ts'

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
  fix: Step[]
  alternatives: Cause[]
  ladder: Finding[]
  version: string | null
  models: string[] | null
  /** What was asked and what came back, cut short: for the owner to read, or to hand on when asking for help. */
  evidence: Asked[]
}

interface Conclusion {
  reason: ReasonName
  facts: Facts
  /** What was expected and what came, in one line each. */
  expected?: string
  seen?: string
  status?: 'warn' | 'fail'
  version?: string | null
  models?: string[] | null
  ms?: number | null
}

/** Puts a reason and its facts into the words and the ladder that a person reads. */
export function conclude(evidence: Evidence, conclusion: Conclusion): Verdict {
  const row = reason(conclusion.reason)
  const status = conclusion.status ?? (row.cause === 'ok' ? 'pass' : 'fail')
  return {
    status,
    cause: row.cause,
    reason: conclusion.reason,
    rung: row.rung,
    confidence: row.or ? 'low' : 'high',
    title: CAUSES[row.cause].title,
    summary: fill(row.summary, evidence, conclusion.facts),
    fix: fillFix(row, evidence, conclusion.facts),
    alternatives: [...(row.or ?? [])],
    ladder: LADDER.map((rung) => finding(rung, evidence, conclusion, status)),
    version: conclusion.version ?? null,
    models: conclusion.models ?? null,
    evidence: asked(evidence),
  }
}

function finding(rung: Rung, evidence: Evidence, conclusion: Conclusion, status: Verdict['status']): Finding {
  const row = reason(conclusion.reason)
  const away = LADDER.findIndex((step) => step === rung) - LADDER.findIndex((step) => step === row.rung)
  const blank = { rung, expected: null, seen: null, ms: null }
  if (away > 0 && row.cause !== 'ok') return { ...blank, result: 'skipped', title: '' }
  if (away === 0) {
    const { expected = null, seen = null, ms = null } = conclusion
    const title = row.cause === 'ok' ? okTitle(rung, conclusion.reason) : RUNGS[rung].dark
    return { rung, result: status, title, expected, seen, ms }
  }
  if (rung === 'dns' && isAddressLiteral(evidence.address.host))
    return { ...blank, result: 'pass', title: 'No name needed' }
  if (rung === 'dns' && !isNameProven(evidence)) return { ...blank, result: 'unknown', title: 'Not seen from here' }
  return {
    ...blank,
    result: 'pass',
    title: RUNGS[rung].lit,
    ms: rung === 'ollama' ? (evidence.version?.ms ?? null) : null,
  }
}

const okTitle = (rung: Rung, name: ReasonName) =>
  name === 'model_cold' ? 'Model is there, not loaded' : name === 'slow' ? 'Answers slowly' : RUNGS[rung].lit

/** An answer, an open or lost connection, or the resolver itself: each proves that the name stands for an address. */
function isNameProven({ version, socket, resolution, runtime }: Evidence): boolean {
  if (resolution) return resolution.addresses.length > 0
  if (version?.kind === 'response') return true
  return (socket !== undefined && socket !== 'nobody') || (runtime === 'local' && version?.error === 'lost')
}
