import type { Verdict } from '../../src/lib/diagnosis/index.ts'
import { isOllamaError, judgeConfiguration } from '../../src/lib/diagnosis/index.ts'
import { HttpProblem } from '../http/problem.ts'
import { HomeFailure, isBusyAnswer } from './failure.ts'
import { explainFailure } from './failure-line.ts'
import type { Config } from '../config.ts'
import type { DiagnosisPort } from '../diagnosis/port.ts'

/** What it takes to explain a failure: the configuration and a fresh check. */
export interface HomeAccess {
  config: Config
  diagnosis: Pick<DiagnosisPort, 'check'>
}

/** Turns a failure of the home into a problem. It runs a check, because the answer alone is not conclusive. */
export const homeProblem =
  (needs: HomeAccess, model = '') =>
  async (error: unknown): Promise<never> => {
    const { config } = needs
    if ('fault' in config.home)
      throw problemOf(judgeConfiguration(config.home.fault, config.runtime))
    if (!(error instanceof HomeFailure)) throw error
    // An error in JSON may also come from a gateway; the state of the home shows which of them sent it.
    const { verdict } = await needs.diagnosis.check({ fresh: true })
    const isWell = verdict.cause === 'ok' || verdict.cause === 'model_missing'
    if (!isWell && !isOllamasOwnError(error, verdict)) throw problemOf(verdict)
    throw problemOf(explainFailure(error, config, model, verdict.models ?? []))
  }

/**
 * A home that is too busy for a run may be too busy for a check. A home that works at least sometimes has reported the problem
 * with this request itself.
 */
const isOllamasOwnError = (error: HomeFailure, { status }: Verdict) =>
  isBusyAnswer(error) ||
  (status === 'warn' && error.answer.kind === 'response' && isOllamaError(error.answer))

/** The problem for an answer that broke after it began. Its evidence is sufficient, so no check is run. */
export const brokenProblem =
  ({ config }: Pick<HomeAccess, 'config'>, model: string) =>
  (error: unknown): never => {
    throw error instanceof HomeFailure ? problemOf(explainFailure(error, config, model, [])) : error
  }

export function problemOf({
  cause,
  reason,
  title,
  summary,
  fix,
  why,
  help,
  confidence,
  alternatives,
}: Verdict): HttpProblem {
  const status = cause === 'model_missing' ? 404 : 503
  return new HttpProblem('home', summary, {
    status,
    title,
    cause,
    reason,
    fix,
    why,
    help,
    confidence,
    alternatives,
  })
}
