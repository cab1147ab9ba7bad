import type { Answer, Evidence } from './evidence.ts'
import { factsOf, seconds, describeAnswer } from './facts.ts'
import { isEmptyRefusal } from './fingerprints/fingerprint.ts'
import { explainMissing } from './missing-model.ts'
import { isCloudName, sameModel } from './names.ts'
import { isToken, listedModels, loadedEntry, versionOf } from './ollama.ts'
import type { ReasonName } from './reasons/index.ts'
import { judgeGenerationError } from './generation-errors.ts'
import type { Conclusion, Verdict } from './conclusion.ts'
import { conclude } from './verdict.ts'

/** The version and the list depend only on the connection and the disk. */
const SLOW_MS = 2000

/** The verdict on an Ollama that answers: its models, its speed and, in a deep check, its first token. */
export function judgeHome(evidence: Evidence, version: string, models: string[]): Verdict {
  const slowest = Math.max(wholeMs(evidence.version), wholeMs(evidence.tags))
  const missing = missingOrNone(evidence, models)
  const conclusion =
    (missing?.status === 'warn' ? null : missing) ??
    failedGeneration(evidence, models) ??
    missing ??
    intermittentFailure(evidence) ??
    (slowest >= SLOW_MS ? slowness(slowest) : warmth(evidence, models))
  return conclude(evidence, { ms: evidence.version?.ms ?? null, ...conclusion, version, models })
}

function missingOrNone({ wanted }: Evidence, models: readonly string[]): Conclusion | null {
  const has = (name: string) => isCloudName(name) || models.some((one) => sameModel(one, name))
  const first = wanted.find((name) => !has(name))
  if (first !== undefined)
    return { ...missingModel(first, models), status: first === wanted[0] ? 'fail' : 'warn' }
  if (models.length > 0 || wanted.length > 0) return null
  return { reason: 'no_models', facts: {}, expected: 'at least one model', seen: 'an empty list' }
}

function missingModel(model: string, models: readonly string[]): Conclusion {
  const { reason, facts } = explainMissing(model, models)
  return { reason, facts, expected: model, seen: models.join(', ') || 'no models' }
}

function failedGeneration(evidence: Evidence, models: readonly string[]): Conclusion | null {
  const { deep } = evidence
  if (!deep || !('answer' in deep) || isToken(deep)) return null
  const { model, answer } = deep
  const { reason, facts } = judgeGenerationError(evidence, answer, model, models)
  const isSilence = answer.kind === 'thrown' && answer.error === 'timeout'
  const silence = isLoaded(evidence, model) ? 'generation_hangs' : 'loads_too_long'
  return {
    reason: isSilence ? silence : reason,
    facts: { ...factsOf(answer, evidence), ...facts, model },
    // Every other request was answered, so only this rung fails, whatever the reason.
    rung: 'generate',
    expected: `a token from ${model}`,
    seen: describeAnswer(answer),
    ms: answer.ms,
  }
}

const isLoaded = (evidence: Evidence, model: string) => loadedEntry(evidence, model) !== undefined

/** A later timeout counts as a failure only if the first answer was faster than this. */
const QUICK_MS = 500

/** How much a repeated request contradicts the first one: 0 not at all, 1 perhaps a blip, 2 certainly. */
function contradiction(
  answer: Answer | undefined,
  first: Answer | undefined,
  isProper: boolean,
): number {
  if (answer === undefined || isProper) return 0
  if (answer.kind === 'response') return answer.status >= 500 ? 1 : 2
  if (answer.error === 'timeout') return wholeMs(first) < QUICK_MS ? 1 : 0
  return answer.error === 'lost' ? 1 : 0
}

/** One failure is a blip. Several failures between proper answers mean that the home answers only sometimes. */
function intermittentFailure({ version, tags, blips = [], again }: Evidence): Conclusion | null {
  const common = { status: 'warn', facts: {}, expected: 'the same answers twice' } as const
  const refusal = [...blips, again?.version, again?.tags].find(isEmptyRefusal)
  if (refusal) return { ...common, reason: 'host_check_sometimes', seen: describeAnswer(refusal) }
  // Failures at the same moment count once.
  const hasBlip = blips.some((answer) => answer.kind === 'response' && answer.status >= 500)
  const contradictions =
    (hasBlip ? 1 : 0) +
    contradiction(again?.version, version, versionOf(again?.version) !== null) +
    contradiction(again?.tags, tags, listedModels(again?.tags) !== null)
  const failed = [again?.version, again?.tags].find(
    (answer) => answer?.kind !== 'response' || answer.status !== 200,
  )
  return contradictions < 2
    ? null
    : { ...common, reason: 'every_other_fails', seen: describeAnswer(failed ?? blips[0]) }
}

const wholeMs = (answer: Answer | undefined) =>
  answer?.kind === 'response' ? (answer.wholeMs ?? answer.ms) : (answer?.ms ?? 0)

const slowness = (ms: number): Conclusion => ({
  reason: 'slow',
  status: 'warn',
  facts: { seconds: seconds(ms) },
  expected: `an answer within ${SLOW_MS / 1000} s`,
  seen: `${seconds(ms)} s`,
  ms,
})

/** A cold model passes: it only delays the first word. A missing list of loaded models proves nothing. */
function warmth(evidence: Evidence, models: readonly string[]): Conclusion {
  const { ps, wanted } = evidence
  const model = wanted[0] ?? models[0] ?? ''
  const isKnown = listedModels(ps) !== null && wanted.length > 0 && !isCloudName(model)
  const reason: ReasonName = isKnown && !isLoaded(evidence, model) ? 'model_cold' : 'all_lit'
  return {
    reason,
    facts: { model },
    expected: wanted.join(', ') || 'any model',
    seen: models.join(', '),
  }
}
