import type { Answer, Evidence, Trial } from './evidence.ts'
import { factsOf, seconds, seen, type Facts } from './facts.ts'
import { isCloudName, nearestNames, sameBase, sameModel } from './names.ts'
import { listedModels, loadedEntry } from './ollama.ts'
import type { ReasonName } from './reasons/index.ts'
import { judgeRefusal } from './refusal.ts'
import { conclude, type Conclusion, type Verdict } from './verdict.ts'

/** Version and list wait for nothing but the line and the disk. ms. */
const SLOW_MS = 2000

/** The verdict on an Ollama that answers: its models, its pace and, in a deep check, whether a token comes. */
export function judgeHome(evidence: Evidence, version: string, models: string[]): Verdict {
  const slowest = Math.max(evidence.version?.ms ?? 0, evidence.tags?.ms ?? 0)
  const conclusion =
    missing(evidence, models) ??
    failedTrial(evidence, models) ??
    flicker(evidence) ??
    (slowest >= SLOW_MS ? slowness(slowest) : warmth(evidence, models))
  return conclude(evidence, { ms: evidence.version?.ms ?? null, ...conclusion, version, models })
}

function missing({ wanted }: Evidence, models: readonly string[]): Conclusion | null {
  const has = (name: string) => isCloudName(name) || models.some((one) => sameModel(one, name))
  const first = wanted.find((name) => !has(name))
  if (first !== undefined) return { ...missingModel(first, models), status: first === wanted[0] ? 'fail' : 'warn' }
  if (models.length > 0 || wanted.length > 0) return null
  return { reason: 'no_models', facts: {}, expected: 'at least one model', seen: 'an empty list' }
}

function missingModel(model: string, models: readonly string[]): Conclusion {
  const { reason, facts } = explainMissing(model, models)
  return { reason, facts, expected: model, seen: models.join(', ') || 'no models' }
}

/** How a missing model is told: with the names that were probably meant. */
export function explainMissing(model: string, models: readonly string[]): { reason: ReasonName; facts: Facts } {
  const near = nearestNames(model, models)
  const sameTags = near.filter((name) => sameBase(name, model))
  const [first] = sameTags
  const facts = { model, nearest: near.length ? ` Nearest: ${near.join(', ')}.` : '', ...(first ? { first } : {}) }
  return { reason: first ? 'model_wrong_tag' : 'model_not_installed', facts }
}

function failedTrial(evidence: Evidence, models: readonly string[]): Conclusion | null {
  const { deep } = evidence
  if (!deep || !('answer' in deep) || isToken(deep)) return null
  const { model, answer } = deep
  const { reason, facts } = judgeRefusal(evidence, answer, model, models)
  const isSilence = answer.kind === 'thrown' && answer.error === 'timeout'
  const silence = isLoaded(evidence, model) ? 'generation_hangs' : 'loads_too_long'
  return {
    reason: isSilence ? silence : reason,
    facts: { ...factsOf(answer, evidence), ...facts, model },
    expected: `a token of ${model}`,
    seen: seen(answer),
    ms: answer.ms,
  }
}

/** The first line of a generation: text, thinking, or an end without either. Anything else is not one. */
export const isToken = ({ answer }: Trial) =>
  answer.kind === 'response' &&
  answer.status === 200 &&
  /^\s*\{"model":/.test(answer.body) &&
  !/^[^\n]*"error":/.test(answer.body)

const isLoaded = (evidence: Evidence, model: string) => loadedEntry(evidence, model) !== undefined

const isEmptyRefusal = (answer: Answer | undefined) =>
  answer?.kind === 'response' && answer.status === 403 && answer.body.trim() === ''

/** One 502 is a blip. More of them, between proper answers, are a server that is down behind the same address. */
function flicker({ blips = [], again, ps }: Evidence): Conclusion | null {
  const failed = [...blips, again?.version, again?.tags, ps].filter(
    (answer) => answer?.kind === 'response' && answer.status >= 500,
  )
  const refusal = [again?.version, again?.tags, ps].find(isEmptyRefusal)
  const common = { status: 'warn', facts: {}, expected: 'the same answers twice' } as const
  if (refusal) return { ...common, reason: 'host_check_sometimes', seen: seen(refusal) }
  return failed.length < 2 ? null : { ...common, reason: 'every_other_fails', seen: seen(failed[0]) }
}

const slowness = (ms: number): Conclusion => ({
  reason: 'slow',
  status: 'warn',
  facts: { seconds: seconds(ms) },
  expected: `an answer within ${SLOW_MS / 1000} s`,
  seen: `${seconds(ms)} s`,
  ms,
})

/** Cold is a pass: it only makes the first word late. A list of loaded models that did not come says nothing. */
function warmth(evidence: Evidence, models: readonly string[]): Conclusion {
  const { ps, wanted } = evidence
  const model = wanted[0] ?? models[0] ?? ''
  const isKnown = listedModels(ps) !== null && wanted.length > 0 && !isCloudName(model)
  const reason: ReasonName = isKnown && !isLoaded(evidence, model) ? 'model_cold' : 'all_lit'
  return { reason, facts: { model }, expected: wanted.join(', ') || 'any model', seen: models.join(', ') }
}
