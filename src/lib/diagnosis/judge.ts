import type { AddressFault } from './address.ts'
import type { Answer, Evidence } from './evidence.ts'
import { factsOf, seconds, seen, type Facts } from './facts.ts'
import { isCloudName, nearestNames, sameModel } from './names.ts'
import { isOllamaError, listedModels, versionOf, errorText } from './ollama.ts'
import type { ReasonName } from './reasons/index.ts'
import { readForeign, readSilence } from './signs.ts'
import { conclude, type Verdict } from './verdict.ts'

/** A version is a constant in Ollama's memory: what it takes longer than this is waiting. */
const SLOW_MS = 2000
const EXPECTED_ANSWER = 'an answer of Ollama to /api/version'

/** An address that cannot be used, judged before anything is sent. `null`: it can. */
export function judgeAddress({ address, runtime }: Pick<Evidence, 'address' | 'runtime'>): ReasonName | null {
  if (runtime === 'local' || address.reach === 'public') {
    return runtime === 'deployed' && address.scheme === 'http' ? 'plain_http_deployed' : null
  }
  return {
    loopback: 'loopback_from_edge',
    private: 'private_from_edge',
    single_label: 'home_name_from_edge',
    home_name: 'home_name_from_edge',
  }[address.reach] as ReasonName
}

const NOWHERE = { origin: '', scheme: 'https', host: '', port: 443, reach: 'public' } as const

/** The verdict for a configuration that names no usable home. */
export function judgeConfiguration(
  fault: AddressFault | 'owner_key_missing' | 'checker_failed',
  runtime: Evidence['runtime'],
): Verdict {
  const evidence: Evidence = { runtime, address: NOWHERE, wanted: [] }
  return conclude(evidence, { reason: fault, facts: {}, expected: 'https://host, nothing behind it' })
}

/** Turns everything that one check measured into its verdict. Pure: the same evidence gives the same words. */
export function judge(evidence: Evidence): Verdict {
  const unusable = judgeAddress(evidence)
  if (unusable)
    return conclude(evidence, {
      reason: unusable,
      facts: {},
      expected: 'an address that works from the internet',
      seen: evidence.address.host,
    })
  const { version, tags } = evidence
  const number = versionOf(version)
  if (version === undefined) return explain(evidence, undefined, 'unnamed_silence')
  if (number === null) return explain(evidence, version, notOllama(evidence, version))
  const models = listedModels(tags)
  if (models === null) return explain(evidence, tags, withoutList(evidence, tags), number)
  const difference = differenceIn(evidence)
  if (difference !== null) {
    return conclude(evidence, {
      reason: 'answers_differ',
      facts: {},
      expected: 'the same answer twice',
      seen: difference,
      version: number,
      models: null,
    })
  }
  return judgeModels(
    evidence,
    number,
    models.map(({ name }) => name),
  )
}

/** What two answers to the same question, moments apart, contradict each other in. An answer that failed contradicts nothing. */
function differenceIn({ version, tags, again }: Evidence): string | null {
  const [first, second] = [versionOf(version), versionOf(again?.version)]
  if (first !== null && second !== null && first !== second) return `version ${first}, then ${second}`
  const [before, after] = [listedModels(tags), listedModels(again?.tags)]
  if (before === null || after === null) return null
  const line = (models: typeof before) =>
    models
      .map(({ name, digest }) => `${name} ${digest}`)
      .sort()
      .join()
  return line(before) === line(after) ? null : `${before.length} models, then ${after.length} other ones`
}

function explain(
  evidence: Evidence,
  answer: Answer | undefined,
  reason: ReasonName,
  version: string | null = null,
): Verdict {
  const facts = answer ? factsOf(answer) : {}
  const expected = version === null ? EXPECTED_ANSWER : 'the list of models from /api/tags'
  return conclude(evidence, { reason, facts, expected, seen: seen(answer), ms: answer?.ms ?? null, version })
}

function notOllama(evidence: Evidence, version: Answer): ReasonName {
  if (version.kind === 'thrown') return readSilence(evidence, version.error)
  if (version.status === 200 && /"deployment_id"/.test(version.body)) return 'open_webui'
  if (isOllamaError(version) && listedModels(evidence.tags) !== null)
    return version.status === 404 ? 'other_service' : 'error_answer'
  return readForeign(version, evidence)
}

/** Ollama gave its version, but not its models. */
function withoutList(evidence: Evidence, tags: Answer | undefined): ReasonName {
  if (tags?.kind === 'thrown') return tags.error === 'timeout' ? 'list_hangs' : 'connection_dropped'
  if (tags && isOllamaError(tags))
    return tags.status === 503 && /server busy/i.test(tags.body) ? 'queue_full' : 'error_answer'
  return tags ? readForeign(tags, evidence) : 'unnamed'
}

function judgeModels(evidence: Evidence, version: string, models: string[]): Verdict {
  const has = (wanted: string) => isCloudName(wanted) || models.some((name) => sameModel(name, wanted))
  const missing = evidence.wanted.filter((wanted) => !has(wanted))
  const [first] = missing
  const common = { version, models, ms: evidence.version?.ms ?? null }
  if (first !== undefined) {
    const status = first === evidence.wanted[0] ? 'fail' : 'warn'
    return conclude(evidence, { ...common, ...missingModel(first, models), status })
  }
  if (models.length === 0) {
    return conclude(evidence, {
      ...common,
      reason: 'no_models',
      facts: {},
      expected: 'at least one model',
      seen: 'an empty list',
    })
  }
  const ms = evidence.version?.ms ?? 0
  if (ms >= SLOW_MS) return conclude(evidence, { ...common, ...slowness(ms) })
  return conclude(evidence, { ...common, ...warmth(evidence, models) })
}

const slowness = (ms: number) => ({
  reason: 'slow' as const,
  status: 'warn' as const,
  facts: { seconds: seconds(ms) },
  expected: `an answer within ${SLOW_MS / 1000} s`,
  seen: `${seconds(ms)} s`,
})

function missingModel(model: string, models: readonly string[]) {
  return {
    reason: 'model_not_installed' as const,
    facts: missingFacts(model, models),
    expected: model,
    seen: models.join(', ') || 'no models',
  }
}

/** How a missing model is told: with the names that were probably meant. */
export function missingFacts(model: string, models: readonly string[]): Facts {
  const near = nearestNames(model, models)
  return { model, nearest: near.length ? ` Nearest: ${near.join(', ')}.` : '' }
}

/** Cold is a pass: it only makes the first word late. A list of loaded models that did not come says nothing. */
function warmth({ ps, wanted }: Evidence, models: readonly string[]) {
  const model = wanted[0] ?? models[0] ?? ''
  const loaded = listedModels(ps)
  const isCold = loaded !== null && !isCloudName(model) && !loaded.some(({ name }) => sameModel(name, model))
  const reason: ReasonName = isCold && wanted.length > 0 ? 'model_cold' : 'all_lit'
  return { reason, facts: { model }, expected: wanted.join(', ') || 'any model', seen: models.join(', ') }
}

const OUT_OF_MEMORY =
  /out of (device )?memory|cudaMalloc failed|hipMalloc failed|failed to allocate|allocation failed|not enough memory|insufficient memory|requires more (system )?memory|unable to load full model/i
const LOAD_FAILED =
  /(runner|llama-server).*(terminated|stopped)|timed out waiting for|timeout waiting for|failed to load|do load request|error loading model|unable to load model/i

/** Why one request for text failed before its first byte, with the facts for its sentence. */
export function judgeRefusal(
  evidence: Evidence,
  answer: Answer,
  model: string,
  installed: readonly string[],
): { reason: ReasonName; facts: Facts } {
  const facts = { ...factsOf(answer), model }
  if (answer.kind === 'thrown') return { reason: readSilence(evidence, answer.error), facts }
  if (answer.status === 524 || (answer.status === 504 && answer.ms > 20_000))
    return { reason: 'silent_too_long', facts }
  if (!isOllamaError(answer)) return { reason: readForeign(answer, evidence), facts }
  const text = errorText(answer.body) ?? ''
  if (/model ['"].*['"] not found|model .* not found, try pulling/.test(text))
    return { reason: 'model_not_installed', facts: missingFacts(model, installed) }
  if (answer.status === 503) return { reason: 'queue_full', facts }
  if (OUT_OF_MEMORY.test(text)) return { reason: 'out_of_memory', facts }
  if (LOAD_FAILED.test(text)) return { reason: 'load_failed', facts }
  return { reason: answer.status < 500 ? 'request_refused' : 'error_answer', facts }
}
