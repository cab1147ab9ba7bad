import type { Answer, Evidence, Response, GenerationAttempt } from './evidence.ts'
import { sameModel } from './names.ts'

/** An entry of `/api/tags` or `/api/ps`, reduced to the fields that Porchlight uses. */
export interface ListedModel {
  name: string
  digest: string | null
  /** Whether it runs on another server, at the cost of the account that is signed in at home. */
  isRemote: boolean
  /** Only for a loaded model: its allocated context in tokens, and when Ollama unloads it (RFC 3339). */
  contextLength: number | null
  expiresAt: string | null
}

/** The JSON object in an answer, or `null`. */
export function jsonOf(answer: Answer | undefined): Record<string, unknown> | null {
  if (answer?.kind !== 'response') return null
  try {
    const value: unknown = JSON.parse(answer.body)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

/** The version, if the answer has Ollama's format. Open WebUI adds `deployment_id` on the same route. */
export function versionOf(answer: Answer | undefined): string | null {
  const json = jsonOf(answer)
  const isOllamas =
    answer?.kind === 'response' && answer.status === 200 && json?.deployment_id === undefined
  return isOllamas && typeof json?.version === 'string' ? json.version : null
}

/** A check reads the same list a dozen times, and answers never change. */
const parsedLists = new WeakMap<Answer, ListedModel[] | null>()

/** The models of `/api/tags` or `/api/ps`. Ollama's list may be `null`; any other shape is not Ollama's. */
export function listedModels(answer: Answer | undefined): ListedModel[] | null {
  if (answer === undefined) return null
  const known = parsedLists.get(answer)
  if (known !== undefined) return known
  const models = readList(answer)
  parsedLists.set(answer, models)
  return models
}

function readList(answer: Answer): ListedModel[] | null {
  const json = jsonOf(answer)
  if (!json || !('models' in json) || answer.kind !== 'response' || answer.status !== 200)
    return null
  if (json.models === null) return []
  if (!Array.isArray(json.models)) return null
  const models = json.models.flatMap(listedModel)
  return models.length === 0 && json.models.length > 0 ? null : models
}

export const haveSameBody = (one: Answer | undefined, other: Answer | undefined): boolean =>
  one?.kind === 'response' && other?.kind === 'response' && one.body === other.body

/** An entry without a name is dropped, because it cannot be used. */
function listedModel(entry: unknown): ListedModel[] {
  if (typeof entry !== 'object' || entry === null) return []
  const { name, model, digest, context_length, expires_at, remote_host, remote_model } =
    entry as Readonly<Record<string, unknown>>
  const modelName = name ?? model
  if (typeof modelName !== 'string' || modelName === '') return []
  return [
    {
      name: modelName,
      digest: typeof digest === 'string' ? digest : null,
      isRemote: Boolean(remote_host) || Boolean(remote_model),
      contextLength:
        typeof context_length === 'number' && context_length > 0 ? context_length : null,
      expiresAt: typeof expires_at === 'string' ? expires_at : null,
    },
  ]
}

/**
 * The entry of `/api/ps` for a model, if it is loaded. Names of the same file share a runner, and `ps` lists only the name
 * that loaded it, so the digest is compared too. Verified with a recording.
 */
export function loadedEntry(
  { ps, tags }: Pick<Evidence, 'ps' | 'tags'>,
  model: string,
): ListedModel | undefined {
  const digest = listedModels(tags)?.find(({ name }) => sameModel(name, model))?.digest ?? null
  return listedModels(ps)?.find(
    (one) => sameModel(one.name, model) || (digest !== null && one.digest === digest),
  )
}

/**
 * Ollama's own error text. It may be a string, an object, or JSON inside a string (runner errors pass through
 * unchanged); the innermost message counts.
 */
export function errorText(body: string): string | null {
  let value: unknown = body
  for (let depth = 0; depth < 4; depth++) {
    if (typeof value === 'string') {
      try {
        value = JSON.parse(value)
      } catch {
        return depth === 0 ? null : String(value)
      }
    }
    if (typeof value !== 'object' || value === null) return null
    const inner: unknown =
      'error' in value ? value.error : depth > 0 && 'message' in value ? value.message : null
    if (inner === null || inner === undefined) return null
    value = inner
  }
  return typeof value === 'string' ? value : null
}

/** JSON with a string as `error`, which is Ollama's format. Gateways may send the same; most send an object. */
export const isOllamaError = (answer: Response) =>
  isJson(answer) && typeof jsonOf(answer)?.error === 'string'

/** JSON with an object as `error`, which Ollama's own API never sends. */
export const isGatewayError = (answer: Response) => {
  const error = isJson(answer) ? jsonOf(answer)?.error : null
  return typeof error === 'object' && error !== null
}

/** An error text that only repeats the status. Ollama's own errors always say more. */
export const isStatusPhrase = (error: string) =>
  /^(\d{3}:? )?(bad request|unauthorized|forbidden|not found|method not allowed|unprocessable (entity|content)|too many requests|internal server error|not implemented|bad gateway|service unavailable|gateway time-?out)\.?$/i.test(
    error.trim(),
  )

/** The messages of gateways that cannot reach their upstream. Ollama's own client uses them too, but only after naming its request. */
export const isGatewayMessage = (error: string) =>
  isStatusPhrase(error) ||
  /ECONN|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH|upstream|bad gateway|gateway time|\bproxy\b|connection refused|no such host|^dial tcp|connection reset by peer/i.test(
    error.replace(/(Get|Post|Head) "[^"]*".*/s, ''),
  )

const isJson = ({ headers, body }: Response) =>
  /json/.test(headers['content-type'] ?? '') && !/"cloudflare_error"/.test(body)

/** Ollama's own "model not found". */
export const isNotFound = (answer: Response) =>
  isOllamaError(answer) &&
  /model ['"].*['"] not found|model .* not found, try pulling/.test(errorText(answer.body) ?? '')

/** A list of models with digests, which only Ollama sends. Other servers imitate the rest. */
export const isOllamaList = (answer: Answer | undefined) =>
  (listedModels(answer) ?? []).some(({ digest }) => digest !== null && digest !== '')

/** Whether the answer starts with a line of a generation: text, thinking, or an end without either. */
export function isToken({ answer }: Pick<GenerationAttempt, 'answer'>): boolean {
  if (answer.kind !== 'response' || answer.status !== 200) return false
  const [line = ''] = answer.body.trimStart().split('\n')
  const token = jsonOf({ ...answer, body: line })
  return typeof token?.response === 'string' && (token.error ?? null) === null
}
