import type { Verdict } from '../../src/lib/diagnosis/index.ts'
import { isOllamaError, judgeConfiguration } from '../../src/lib/diagnosis/index.ts'
import { HttpProblem } from '../http/problem.ts'
import { HomeFailure, saysBusy } from './failure.ts'
import { explainFailure } from './failure-line.ts'
import type { Config } from '../config.ts'
import type { DiagnosisPort } from '../diagnosis/port.ts'

/** What naming a failure needs: the settings, and a fresh check. */
export interface HomeAccess {
  config: Config
  diagnosis: Pick<DiagnosisPort, 'check'>
}

/** Turns a failure of the home into the problem that names it. Asks for second opinions where one answer is not enough. */
export const homeProblem =
  (needs: HomeAccess, model = '') =>
  async (error: unknown): Promise<never> => {
    const { config } = needs
    if ('fault' in config.home)
      throw problemOf(judgeConfiguration(config.home.fault, config.runtime))
    if (!(error instanceof HomeFailure)) throw error
    // An error in JSON may be a gateway's as well: what the home is like now tells whose words they are.
    const { verdict } = await needs.diagnosis.check({ fresh: true })
    const isWell = verdict.cause === 'ok' || verdict.cause === 'model_missing'
    if (!isWell && !isOwnWord(error, verdict)) throw problemOf(verdict)
    throw problemOf(explainFailure(error, config, model, verdict.models ?? []))
  }

/**
 * A home that is too busy for a run may be too busy for a check; one that works, if not always, has said itself what is wrong
 * with this request.
 */
const isOwnWord = (error: HomeFailure, { status }: Verdict) =>
  saysBusy(error) ||
  (status === 'warn' && error.answer.kind === 'response' && isOllamaError(error.answer))

/** The same for an answer that broke after it had begun: what was seen of it says enough, and nothing more is asked. */
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
