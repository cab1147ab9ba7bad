import {
  reason,
  type Cause,
  type ReasonName,
  type Rung,
  type Verdict,
} from '../../src/lib/diagnosis/index.ts'

/** What is wrong, as a check or a run has named it. */
export interface Trouble {
  cause: Cause
  reason: ReasonName
  rung: Rung
}

/** `good` works, `poor` works worse than it should, `bad` does not work, `none`: nothing was learned of the home. */
export type Level = 'good' | 'poor' | 'bad' | 'none'

/** What real runs have shown since the minute before, newest last. `trouble` null: it worked. Times ms since 1970. */
export interface RunEvidence {
  at: number
  trouble: Trouble | null
}

/** All that one minute has learned of the home. */
export interface Probe {
  /** The minute that it stands for, ms since 1970. */
  at: number
  level: Level
  /** `null` when the level is `good` or `none`. */
  trouble: Trouble | null
  /** What the last check failed of, whatever it weighs. */
  failed: ReasonName | null
  /** `bad`, and two different looks agree on it: no second minute is needed. */
  isSure: boolean
  /** The owner has planned it to be dark. */
  isMaintenance: boolean
  /** An earlier look of this minute failed, and the last one did not. */
  hasWavered: boolean
  /** What Ollama's version took to come, ms; `null` when it did not. */
  ms: number | null
  /** Runs that reached Ollama and got no text, since the last one that worked. */
  generation: { worked: boolean; failures: number; trouble: Trouble | null }
}

/**
 * How much a failure with this cause weighs. `hard` does not heal by luck; `soft` may; `light` is never worse than poor;
 * `none` says nothing of the home: we are blind, nothing is set up, or we have no name for what we saw.
 */
const WEIGHTS = {
  ok: 'soft',
  not_configured: 'none',
  address_unreachable: 'hard',
  dns_failure: 'hard',
  connection_failed: 'soft',
  tls_failure: 'hard',
  tunnel_down: 'hard',
  tunnel_misrouted: 'hard',
  access_blocked: 'hard',
  ollama_down: 'soft',
  host_rejected: 'hard',
  not_ollama: 'hard',
  ollama_outdated: 'hard',
  ollama_error: 'soft',
  ollama_busy: 'light',
  split_home: 'soft',
  model_missing: 'hard',
  model_failed: 'soft',
  generation_stuck: 'soft',
  timed_out: 'soft',
  observer_blind: 'none',
  unknown: 'none',
} as const satisfies Record<Cause, 'hard' | 'soft' | 'light' | 'none'>

export const levelOf = ({ status, cause }: Pick<Verdict, 'status' | 'cause'>): Level => {
  if (WEIGHTS[cause] === 'none') return 'none'
  if (status === 'pass') return 'good'
  return status === 'warn' || WEIGHTS[cause] === 'light' ? 'poor' : 'bad'
}

/**
 * A minute's checks, in the order in which they were made, and what runs have shown beside them. The last check decides;
 * those before it, and a run that failed, corroborate.
 */
export function probeOf(
  at: number,
  verdicts: readonly Verdict[],
  runs: readonly RunEvidence[] = [],
  beganAt = at,
  isMaintenance = false,
): Probe {
  const last = verdicts.at(-1)
  const common = {
    ...{ at, isMaintenance },
    failed: last?.status === 'fail' ? last.reason : null,
    ms: msOf(last),
    generation: generationOf(runs),
    hasWavered: verdicts.length > 1 && last?.status !== 'fail',
  }
  const level = last ? levelOf(last) : 'none'
  const hasRunWorked = runs.some((run) => run.trouble === null && run.at >= beganAt)
  // A run that has just worked is the better check.
  if (!last || level === 'good' || level === 'none' || (level === 'bad' && hasRunWorked))
    return { ...common, level: hasRunWorked ? 'good' : level, trouble: null, isSure: false }
  const { cause, reason: name, rung } = last
  const isSure = level === 'bad' && (agree(verdicts) || hasRunFailed(runs))
  return { ...common, level, trouble: { cause, reason: name, rung }, isSure }
}

/** More than one look, and each of them is sure of the same thing, which does not heal by luck. */
const agree = (verdicts: readonly Verdict[]) =>
  verdicts.length > 1 &&
  verdicts.every(
    ({ cause, confidence }) =>
      confidence === 'high' && WEIGHTS[cause] === 'hard' && cause === verdicts[0]?.cause,
  )

const hasRunFailed = (runs: readonly RunEvidence[]) => {
  const trouble = runs.at(-1)?.trouble
  return trouble != null && trouble.rung !== 'generate'
}

function generationOf(runs: readonly RunEvidence[]): Probe['generation'] {
  const worked = runs.findLastIndex(({ trouble }) => trouble === null)
  const failed = runs.slice(worked + 1).filter(({ trouble }) => trouble?.rung === 'generate')
  return { worked: worked >= 0, failures: failed.length, trouble: failed.at(-1)?.trouble ?? null }
}

const msOf = (verdict: Verdict | undefined): number | null =>
  verdict && verdict.version !== null
    ? (verdict.evidence.find(({ asked }) => asked === 'GET /api/version')?.ms ?? null)
    : null

/** What a failed run says of the home; `null`: nothing, as when it asked for a model that nobody has promised. */
export function troubleOfRun(cause: Cause, name: ReasonName): Trouble | null {
  const { rung } = reason(name)
  const weight = WEIGHTS[cause]
  return rung === 'model' || weight === 'none' || weight === 'light'
    ? null
    : { cause, reason: name, rung }
}
