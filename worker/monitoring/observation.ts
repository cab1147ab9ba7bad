import {
  reason,
  type Cause,
  type ReasonName,
  type Rung,
  type Verdict,
} from '../../src/lib/diagnosis/index.ts'

/** What is wrong with the home, according to a check or a run. */
export interface Trouble {
  cause: Cause
  reason: ReasonName
  rung: Rung
}

/** The result of a minute's checks. `unknown`: they say nothing about the home. */
export type CheckResult = 'pass' | 'warn' | 'fail' | 'unknown'

/** The result of a real run. `trouble` is `null` if it worked. */
export interface RunEvidence {
  at: number
  trouble: Trouble | null
}

/** Everything that one minute has shown about the home. Times are ms since 1970. */
export interface Observation {
  /** The start of the minute. */
  at: number
  result: CheckResult
  /** `null` if the result is `pass` or `unknown`. */
  trouble: Trouble | null
  /** Why the last check failed, even if the failure does not count. */
  failedReason: ReasonName | null
  /** Independent evidence agrees on the failure, so no second minute is needed. */
  isConfirmed: boolean
  isMaintenance: boolean
  /** An earlier check of this minute failed; the last one did not. */
  passedOnRetry: boolean
  /** How long `GET /api/version` took; `null` without a response. */
  ms: number | null
  /** Runs that reached Ollama and got no text, since the last run that worked. */
  generation: { hasWorked: boolean; failures: number; trouble: Trouble | null }
}

/**
 * How a failed check counts, by its cause. `persistent` failures do not heal by chance; `transient` ones may. `warn` never
 * means down. `unknown` says nothing about the home: Porchlight is blind or not set up, or the failure has no known cause.
 */
const FAILURES = {
  ok: 'transient',
  not_configured: 'unknown',
  address_unreachable: 'persistent',
  dns_failure: 'persistent',
  connection_failed: 'transient',
  tls_failure: 'persistent',
  tunnel_down: 'persistent',
  tunnel_misrouted: 'persistent',
  access_blocked: 'persistent',
  ollama_down: 'transient',
  host_rejected: 'persistent',
  not_ollama: 'persistent',
  ollama_outdated: 'persistent',
  ollama_error: 'transient',
  ollama_busy: 'warn',
  split_home: 'transient',
  model_missing: 'persistent',
  model_failed: 'transient',
  generation_stuck: 'transient',
  timed_out: 'transient',
  observer_blind: 'unknown',
  unknown: 'unknown',
} as const satisfies Record<Cause, 'persistent' | 'transient' | 'warn' | 'unknown'>

export function resultOf({ status, cause }: Pick<Verdict, 'status' | 'cause'>): CheckResult {
  if (FAILURES[cause] === 'unknown') return 'unknown'
  return status === 'fail' && FAILURES[cause] === 'warn' ? 'warn' : status
}

/** `startedAt` is when the first check of the minute started. */
export interface MinuteEvidence {
  at: number
  /** In the order in which the checks ran. */
  verdicts: readonly Verdict[]
  /** Oldest first. */
  runs?: readonly RunEvidence[]
  startedAt?: number
  isMaintenance?: boolean
}

/** The last check decides. Earlier checks and failed runs confirm it; a run that has just worked overrules it. */
export function observationOf(evidence: MinuteEvidence): Observation {
  const { at, verdicts, runs = [], startedAt = at, isMaintenance = false } = evidence
  const last = verdicts.at(-1)
  const checked = last ? resultOf(last) : 'unknown'
  const hasRunWorked = runs.some((run) => run.trouble === null && run.at >= startedAt)
  const result = hasRunWorked && checked !== 'warn' ? 'pass' : checked
  return {
    at,
    result,
    trouble: last && (result === 'warn' || result === 'fail') ? troubleOf(last) : null,
    failedReason: last?.status === 'fail' ? last.reason : null,
    isConfirmed: result === 'fail' && (agree(verdicts) || hasRunFailed(runs)),
    isMaintenance,
    passedOnRetry: verdicts.length > 1 && last?.status !== 'fail',
    ms: last ? versionMsOf(last) : null,
    generation: generationOf(runs),
  }
}

const troubleOf = ({ cause, reason, rung }: Verdict): Trouble => ({ cause, reason, rung })

/** Several checks are certain of the same persistent cause. */
const agree = (verdicts: readonly Verdict[]) =>
  verdicts.length > 1 &&
  verdicts.every(
    ({ cause, confidence }) =>
      confidence === 'high' && FAILURES[cause] === 'persistent' && cause === verdicts[0]?.cause,
  )

function hasRunFailed(runs: readonly RunEvidence[]): boolean {
  const trouble = runs.at(-1)?.trouble
  return trouble != null && trouble.rung !== 'generate'
}

function generationOf(runs: readonly RunEvidence[]): Observation['generation'] {
  const lastWorked = runs.findLastIndex(({ trouble }) => trouble === null)
  const failed = runs.slice(lastWorked + 1).filter(({ trouble }) => trouble?.rung === 'generate')
  return {
    hasWorked: lastWorked >= 0,
    failures: failed.length,
    trouble: failed.at(-1)?.trouble ?? null,
  }
}

const versionMsOf = ({ version, evidence }: Verdict): number | null =>
  version === null ? null : (evidence.find(({ asked }) => asked === 'GET /api/version')?.ms ?? null)

/** What a failed run says about the home; `null` if it says nothing, such as a request for a model that is not installed. */
export function troubleOfRun(cause: Cause, name: ReasonName): Trouble | null {
  const { rung } = reason(name)
  const failure = FAILURES[cause]
  return rung === 'model' || failure === 'unknown' || failure === 'warn'
    ? null
    : { cause, reason: name, rung }
}
