import { conclude, judgeRefusal, type Evidence, type Verdict } from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { HomeFailure } from './failure.ts'
import { seconds } from '../../src/lib/diagnosis/facts.ts'

/** What a failed request for text is told as. Foreign exceptions are ours: they pass through. */
export function explainFailure(
  failure: HomeFailure,
  config: Config,
  model: string,
  installed: readonly string[],
): Verdict {
  if ('fault' in config.home) throw failure
  const evidence: Evidence = { runtime: config.runtime, address: config.home, wanted: [model], version: failure.answer }
  const { reason, facts } = judgeRefusal(evidence, failure.answer, model, installed)
  const known = failure.reason ?? reason
  return conclude(evidence, {
    reason: known,
    facts: { ...facts, seconds: facts.seconds ?? seconds(failure.answer.ms) },
  })
}

/** The last line of a stream that broke, however it broke: Ollama's shape (`error`), with our cause beside it. */
export function failureLine(error: unknown, config: Config, model: string) {
  const failure =
    error instanceof HomeFailure
      ? error
      : new HomeFailure({ kind: 'thrown', error: 'other', text: String(error), ms: 0 }, 'ended_early')
  const { summary, cause, reason, title, fix, why, help } = explainFailure(failure, config, model, [])
  return { error: summary, cause, reason, title, fix, why, help }
}
