import type { Answer, Evidence, Response } from './evidence.ts'
import { factsOf, type Facts } from './facts.ts'
import { explainMissing } from './missing-model.ts'
import { sameModel } from './names.ts'
import {
  errorText,
  isGatewayError,
  isGatewaysWords,
  isNotFound,
  isOllamaError,
  isStatusPhrase,
} from './ollama.ts'
import { reason, type ReasonName } from './reasons/index.ts'
import { readForeign } from './fingerprints/index.ts'
import { readSilence } from './no-response.ts'

interface Refusal {
  reason: ReasonName
  when: (error: string, answer: Response) => boolean
}

/** Words count only with the statuses that Ollama says them with: a gateway may use the same words. */
const says =
  (pattern: RegExp, ...statuses: number[]) =>
  (error: string, { status }: Response) =>
    // In a stream that has begun, every error has 200.
    (status === 200 || statuses.includes(status)) && pattern.test(error)

const hasStatus =
  (...statuses: number[]) =>
  (_: string, { status }: Response) =>
    statuses.includes(status)

/**
 * Ollama's own refusals of a request for text, by its words (server/routes.go, server/sched.go, llm/server.go). First match wins;
 * what words of a gateway come before decides that nothing in particular is known of Ollama.
 */
const REFUSALS: readonly Refusal[] = [
  { reason: 'queue_full', when: says(/server busy/i, 503) },
  {
    reason: 'cloud_sign_in',
    when: (_, { body, status }) =>
      status === 401 && /"signin_url":\s*"https:\/\/(www\.)?ollama\.com\//.test(body),
  },
  { reason: 'cloud_disabled', when: says(/ollama cloud|remote inference/i, 403) },
  {
    reason: 'cannot_do',
    when: says(
      /does not support (?!(GET|POST|this method)\b)|capabilit|missing data required for image/i,
      400,
      500,
    ),
  },
  {
    reason: 'prompt_too_long',
    when: says(/exceeds? (the )?(maximum |available |model.s )*context/i, 400, 500),
  },
  { reason: 'runner_died', when: says(/runner has unexpectedly stopped|running the model/i, 500) },
  {
    reason: 'out_of_memory',
    when: says(
      /[cm]\w*alloc failed|failed to allocate|allocation failed|(not enough|insufficient) (system |gpu |video )?memory|requires more (system )?memory|unable to load full model|(runner|llama|cuda|gpu|ggml|metal|vulkan|hip|device).*out of (device )?memory|out of device memory/i,
      500,
    ),
  },
  {
    reason: 'load_failed',
    when: says(
      /(runner|llama-server).*(terminated|stopped)|time(d )?out waiting for .*(runner|server) to|failed to load|do load request|error loading model|unable to load model/i,
      500,
    ),
  },
  { reason: 'rate_limited', when: hasStatus(429) },
  // A gateway's walls and limits look the same in JSON.
  { reason: 'refused_by_gateway', when: hasStatus(401, 403, 405, 407, 413, 422) },
  {
    reason: 'refused_by_gateway',
    when: (error, { status }) => status === 400 && isStatusPhrase(error),
  },
  { reason: 'request_refused', when: hasStatus(400) },
  { reason: 'gateway_error', when: (error, { status }) => status >= 500 && isGatewaysWords(error) },
  { reason: 'error_answer', when: hasStatus(500) },
  { reason: 'error_in_stream', when: hasStatus(200) },
]

/** Longer than any proxy takes to notice that nobody is there. ms. */
const LONG_MS = 20_000

/** Why one request for text failed before its first byte, with the facts for its sentence. */
export function judgeGenerationError(
  evidence: Evidence,
  answer: Answer,
  model: string,
  installed: readonly string[],
): { reason: ReasonName; facts: Facts } {
  const facts = { ...factsOf(answer, evidence), model }
  if (answer.kind === 'thrown') {
    const isDropped = installed.length > 0 && answer.error !== 'timeout'
    return { reason: isDropped ? 'generation_dropped' : readSilence(evidence, answer.error), facts }
  }
  if (answer.status === 524 || ([502, 503, 504].includes(answer.status) && answer.ms > LONG_MS))
    return { reason: 'silent_too_long', facts }
  if (isGatewayError(answer))
    return { reason: answer.status < 500 ? 'refused_by_gateway' : 'gateway_error', facts }
  if (!isOllamaError(answer)) return { reason: readProxy(answer, evidence, installed), facts }
  if ([404, 200].includes(answer.status) && isNotFound(answer))
    return absent(model, installed, facts)
  return { reason: reasonOfWords(answer) ?? readProxy(answer, evidence, installed), facts }
}

/** What Ollama's own words say, whatever brought them. */
export function reasonOfWords(answer: Response): ReasonName | undefined {
  const error = errorText(answer.body) ?? ''
  return REFUSALS.find(({ when }) => when(error, answer))?.reason
}

/** Causes that a home cannot have which has just answered a check. */
const OF_A_HOME_THAT_IS_DOWN: readonly string[] = [
  'ollama_down',
  'not_ollama',
  'ollama_outdated',
  'tunnel_misrouted',
]

/** Of a home that has just listed its models, only this request is refused. */
function readProxy(answer: Response, evidence: Evidence, installed: readonly string[]): ReasonName {
  const name = readForeign(answer, evidence)
  return installed.length > 0 && OF_A_HOME_THAT_IS_DOWN.includes(reason(name).cause)
    ? 'generation_lost'
    : name
}

function absent(
  model: string,
  installed: readonly string[],
  facts: Facts,
): { reason: ReasonName; facts: Facts } {
  if (installed.some((name) => sameModel(name, model))) return { reason: 'model_gone', facts }
  const told = explainMissing(model, installed)
  return { reason: told.reason, facts: { ...facts, ...told.facts } }
}
