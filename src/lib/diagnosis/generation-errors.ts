import type { Answer, Evidence, Response } from './evidence.ts'
import { factsOf, type Facts } from './facts.ts'
import { explainMissing } from './missing-model.ts'
import { sameModel } from './names.ts'
import {
  errorText,
  isGatewayError,
  isGatewayMessage,
  isNotFound,
  isOllamaError,
  isStatusPhrase,
} from './ollama.ts'
import { reason, type ReasonName } from './reasons/index.ts'
import { reasonForForeignAnswer } from './fingerprints/index.ts'
import { reasonForNoResponse } from './no-response.ts'

interface ErrorPattern {
  reason: ReasonName
  when: (error: string, answer: Response) => boolean
}

/** A message counts only with the statuses that Ollama sends it with: a gateway may use the same words. */
const says =
  (pattern: RegExp, ...statuses: number[]) =>
  (error: string, { status }: Response) =>
    // Within a stream every error has status 200.
    (status === 200 || statuses.includes(status)) && pattern.test(error)

const hasStatus =
  (...statuses: number[]) =>
  (_: string, { status }: Response) =>
    statuses.includes(status)

/**
 * Ollama's own errors for a request for text, by message (server/routes.go, server/sched.go, llm/server.go). The first match
 * wins, so the rows for gateways stand before the rows that match any error of a status.
 */
const ERROR_PATTERNS: readonly ErrorPattern[] = [
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
  // Logins and limits of a gateway look the same in JSON.
  { reason: 'refused_by_gateway', when: hasStatus(401, 403, 405, 407, 413, 422) },
  {
    reason: 'refused_by_gateway',
    when: (error, { status }) => status === 400 && isStatusPhrase(error),
  },
  { reason: 'request_refused', when: hasStatus(400) },
  {
    reason: 'gateway_error',
    when: (error, { status }) => status >= 500 && isGatewayMessage(error),
  },
  { reason: 'error_answer', when: hasStatus(500) },
  { reason: 'error_in_stream', when: hasStatus(200) },
]

/** Longer than any proxy needs to notice that its upstream is down. */
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
    return {
      reason: isDropped ? 'generation_dropped' : reasonForNoResponse(evidence, answer.error),
      facts,
    }
  }
  if (answer.status === 524 || ([502, 503, 504].includes(answer.status) && answer.ms > LONG_MS))
    return { reason: 'silent_too_long', facts }
  if (isGatewayError(answer))
    return { reason: answer.status < 500 ? 'refused_by_gateway' : 'gateway_error', facts }
  if (!isOllamaError(answer)) return { reason: reasonForProxy(answer, evidence, installed), facts }
  if ([404, 200].includes(answer.status) && isNotFound(answer))
    return missingModelReason(model, installed, facts)
  return { reason: reasonForMessage(answer) ?? reasonForProxy(answer, evidence, installed), facts }
}

/** The reason for a message of Ollama's own, however it arrived. */
export function reasonForMessage(answer: Response): ReasonName | undefined {
  const error = errorText(answer.body) ?? ''
  return ERROR_PATTERNS.find(({ when }) => when(error, answer))?.reason
}

/** Causes that a home which has just answered a check cannot have. */
const DOWN_CAUSES: readonly string[] = [
  'ollama_down',
  'not_ollama',
  'ollama_outdated',
  'tunnel_misrouted',
]

/** If the home has just listed its models, only this request is refused. */
function reasonForProxy(
  answer: Response,
  evidence: Evidence,
  installed: readonly string[],
): ReasonName {
  const name = reasonForForeignAnswer(answer, evidence)
  return installed.length > 0 && DOWN_CAUSES.includes(reason(name).cause) ? 'generation_lost' : name
}

function missingModelReason(
  model: string,
  installed: readonly string[],
  facts: Facts,
): { reason: ReasonName; facts: Facts } {
  if (installed.some((name) => sameModel(name, model))) return { reason: 'model_gone', facts }
  const missing = explainMissing(model, installed)
  return { reason: missing.reason, facts: { ...facts, ...missing.facts } }
}
