import {
  conclude,
  judgeGenerationError,
  type Answer,
  type Evidence,
  type Verdict,
} from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { HomeFailure } from './failure.ts'
import { seconds } from '../../src/lib/diagnosis/facts.ts'

/** The verdict on a failed request for text. */
export function explainFailure(
  failure: HomeFailure,
  config: Config,
  model: string,
  installed: readonly string[],
): Verdict {
  if ('fault' in config.home) throw failure
  const answer = answerOf(failure)
  const evidence: Evidence = {
    runtime: config.runtime,
    address: config.home,
    wanted: [model],
    version: answer,
  }
  const { reason, facts } = judgeGenerationError(evidence, answer, model, installed)
  const known = answer === failure.answer ? (failure.reason ?? reason) : reason
  return conclude(evidence, {
    reason: known,
    facts: { ...facts, seconds: facts.seconds ?? seconds(answer.ms) },
  })
}

/** An error in place of text may be one that Ollama also sends with a status, so it is judged the same way. */
function answerOf({ reason, answer }: HomeFailure): Answer {
  if (reason !== 'error_in_stream' || answer.kind !== 'thrown') return answer
  const body = JSON.stringify({ error: answer.text })
  return {
    kind: 'response',
    status: 200,
    headers: { 'content-type': 'application/json' },
    body,
    ms: answer.ms,
  }
}

/** The last line of a broken stream: Ollama's format (`error`) with our cause. */
export function failureLine(thrown: unknown, config: Config, model: string) {
  const failure =
    thrown instanceof HomeFailure
      ? thrown
      : new HomeFailure(
          { kind: 'thrown', error: 'other', text: String(thrown), ms: 0 },
          'ended_early',
        )
  const verdict = explainFailure(failure, config, model, [])
  const { cause, reason, title, fix, why, help, confidence, alternatives } = verdict
  return { error: verdict.summary, cause, reason, title, fix, why, help, confidence, alternatives }
}
