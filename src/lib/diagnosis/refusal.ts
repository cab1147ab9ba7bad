import type { Answer, Evidence, Response } from './evidence.ts'
import { factsOf, type Facts } from './facts.ts'
import { explainMissing } from './home.ts'
import { sameModel } from './names.ts'
import { errorText, isOllamaError } from './ollama.ts'
import type { ReasonName } from './reasons/index.ts'
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
  { reason: 'cannot_do', when: says(/does not support|capabilit/i) },
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
  { reason: 'error_answer', when: (_, { status }) => status === 500 },
  { reason: 'error_in_stream', when: (_, { status }) => status === 200 },
]

const NOT_FOUND = /model ['"].*['"] not found|model .* not found, try pulling/
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
  if (answer.kind === 'thrown') return { reason: readSilence(evidence, answer.error), facts }
  if (answer.status === 524 || ([502, 503, 504].includes(answer.status) && answer.ms > LONG_MS))
    return { reason: 'silent_too_long', facts }
  const error = isOllamaError(answer) ? (errorText(answer.body) ?? '') : null
  if (error === null) return { reason: readProxy(answer, evidence, installed), facts }
  if (answer.status === 404 && NOT_FOUND.test(error)) return absent(model, installed, facts)
  const found = REFUSALS.find(({ when }) => when(error, answer))
  return { reason: found?.reason ?? readForeign(answer, evidence), facts }
}

/** A proxy that has just passed a list of models on does not refuse for a home that is down. */
function readProxy(answer: Response, evidence: Evidence, installed: readonly string[]): ReasonName {
  const reason = readForeign(answer, evidence)
  return reason === 'proxy_bad_gateway' && installed.length > 0 ? 'generation_lost' : reason
}

function absent(model: string, installed: readonly string[], facts: Facts): { reason: ReasonName; facts: Facts } {
  if (installed.some((name) => sameModel(name, model))) return { reason: 'model_gone', facts }
  const told = explainMissing(model, installed)
  return { reason: told.reason, facts: { ...facts, ...told.facts } }
}
