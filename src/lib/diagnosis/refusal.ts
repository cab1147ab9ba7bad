import type { Answer, Evidence, Response } from './evidence.ts'
import { factsOf, type Facts } from './facts.ts'
import { explainMissing } from './home.ts'
import { sameModel } from './names.ts'
import { errorText, isGatewayError, isNotFound, isOllamaError } from './ollama.ts'
import { reason, type ReasonName } from './reasons/index.ts'
import { readForeign } from './signs/index.ts'
import { readSilence } from './silence.ts'

interface Refusal {
  reason: ReasonName
  when: (error: string, answer: Response) => boolean
}

const says = (pattern: RegExp) => (error: string) => pattern.test(error)

/** Ollama's own refusals of a request for text, by its words (server/routes.go, server/sched.go, llm/server.go). First match wins. */
const REFUSALS: readonly Refusal[] = [
  { reason: 'queue_full', when: says(/server busy/i) },
  { reason: 'cloud_sign_in', when: (_, { body, status }) => status === 401 && /"signin_url"/.test(body) },
  { reason: 'cloud_disabled', when: (error, { status }) => status === 403 && /cloud/i.test(error) },
  { reason: 'cannot_do', when: says(/does not support|capabilit|missing data required for image/i) },
  { reason: 'prompt_too_long', when: says(/exceeds? (the )?(maximum |available |model.s )*context/i) },
  { reason: 'runner_died', when: says(/unexpectedly stopped|unexpected EOF/i) },
  {
    reason: 'out_of_memory',
    when: says(
      /out of (device )?memory|[cm]\w*alloc failed|failed to allocate|allocation failed|not enough memory|insufficient memory|requires more (system )?memory|unable to load full model/i,
    ),
  },
  {
    reason: 'load_failed',
    when: says(
      /(runner|llama-server).*(terminated|stopped)|time(d )?out waiting for|failed to load|do load request|error loading model|unable to load model/i,
    ),
  },
  // A gateway's walls and limits look the same in JSON.
  { reason: 'refused_by_gateway', when: (_, { status }) => [401, 403, 405, 407, 413, 429].includes(status) },
  { reason: 'request_refused', when: (_, { status }) => status >= 400 && status < 500 && status !== 404 },
  { reason: 'gateway_error', when: says(/ECONN|ENOTFOUND|ETIMEDOUT|upstream|bad gateway|proxy/i) },
  { reason: 'error_answer', when: (_, { status }) => status === 500 },
  { reason: 'error_in_stream', when: (_, { status }) => status === 200 },
]

/** Longer than any proxy takes to notice that nobody is there. ms. */
const LONG_MS = 20_000

/** Why one request for text failed before its first byte, with the facts for its sentence. */
export function judgeRefusal(
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
  if (isGatewayError(answer)) return { reason: answer.status < 500 ? 'refused_by_gateway' : 'gateway_error', facts }
  if (!isOllamaError(answer)) return { reason: readProxy(answer, evidence, installed), facts }
  if (answer.status === 404 && isNotFound(answer)) return absent(model, installed, facts)
  return { reason: reasonOfWords(answer) ?? readProxy(answer, evidence, installed), facts }
}

/** What Ollama's own words say, whatever brought them. */
export function reasonOfWords(answer: Response): ReasonName | undefined {
  const error = errorText(answer.body) ?? ''
  return REFUSALS.find(({ when }) => when(error, answer))?.reason
}

/** Causes that a home cannot have which has just answered a check. */
const OF_A_HOME_THAT_IS_DOWN: readonly string[] = ['ollama_down', 'not_ollama', 'ollama_outdated', 'tunnel_misrouted']

/** Of a home that has just listed its models, only this request is refused. */
function readProxy(answer: Response, evidence: Evidence, installed: readonly string[]): ReasonName {
  const name = readForeign(answer, evidence)
  return installed.length > 0 && OF_A_HOME_THAT_IS_DOWN.includes(reason(name).cause) ? 'generation_lost' : name
}

function absent(model: string, installed: readonly string[], facts: Facts): { reason: ReasonName; facts: Facts } {
  if (installed.some((name) => sameModel(name, model))) return { reason: 'model_gone', facts }
  const told = explainMissing(model, installed)
  return { reason: told.reason, facts: { ...facts, ...told.facts } }
}
