import type { Answer, Evidence, Response, Trial } from './evidence.ts'
import { sameModel } from './names.ts'

/** A model as `/api/tags` and `/api/ps` list it; only what this product uses. */
export interface ListedModel {
  name: string
  digest: string | null
  /** It stands for a model on another server, which the account that is signed in at home pays for. */
  isRemote: boolean
  /** Only of a loaded model: the context that was allocated (tokens), when it will be unloaded (RFC 3339). */
  contextLength: number | null
  expiresAt: string | null
}

/** JSON in an answer, or `null`. An answer cut at 4 KB is not JSON any more, so a list is read by `listedModels`. */
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

/** The version, when this is how Ollama says it. Open WebUI adds `deployment_id` to the same route. */
export function versionOf(answer: Answer | undefined): string | null {
  const json = jsonOf(answer)
  const isOllamas =
    answer?.kind === 'response' && answer.status === 200 && json?.deployment_id === undefined
  return isOllamas && typeof json?.version === 'string' ? json.version : null
}

/** A list of a hundred models is read by a dozen questions of one check, and an answer does not change. */
const lists = new WeakMap<Answer, ListedModel[] | null>()

/** The models of `/api/tags` or `/api/ps`. Ollama's list may be `null`; any other shape is not Ollama's. */
export function listedModels(answer: Answer | undefined): ListedModel[] | null {
  if (answer === undefined) return null
  const known = lists.get(answer)
  if (known !== undefined) return known
  const models = readList(answer)
  lists.set(answer, models)
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

export const areWordForWord = (one: Answer | undefined, other: Answer | undefined): boolean =>
  one?.kind === 'response' && other?.kind === 'response' && one.body === other.body

/** An entry without a name is none: nothing could be asked of it. */
function listedModel(entry: unknown): ListedModel[] {
  if (typeof entry !== 'object' || entry === null) return []
  const { name, model, digest, context_length, expires_at, remote_host, remote_model } =
    entry as Readonly<Record<string, unknown>>
  const called = name ?? model
  if (typeof called !== 'string' || called === '') return []
  return [
    {
      name: called,
      digest: typeof digest === 'string' ? digest : null,
      isRemote: Boolean(remote_host) || Boolean(remote_model),
      contextLength:
        typeof context_length === 'number' && context_length > 0 ? context_length : null,
      expiresAt: typeof expires_at === 'string' ? expires_at : null,
    },
  ]
}

/**
 * The entry of `/api/ps` for a model, if it is loaded. Names of one file share a runner, and `ps` tells only the name that
 * loaded it, so the digest decides too. Recorded.
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
 * Ollama's own error text. It may be a string, an object, or JSON inside the string (errors of a runner pass through raw):
 * the innermost message counts.
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

/** JSON with an `error` that is a text, as Ollama writes it. Gateways may write the same; most write an object. */
export const isOllamaError = (answer: Response) =>
  isJson(answer) && typeof jsonOf(answer)?.error === 'string'

/** JSON with an `error` that is an object: whatever speaks is not Ollama's own API. */
export const isGatewayError = (answer: Response) => {
  const error = isJson(answer) ? jsonOf(answer)?.error : null
  return typeof error === 'object' && error !== null
}

/** What a program writes that has nothing to say but the status. Ollama always says more. */
export const isStatusPhrase = (error: string) =>
  /^(\d{3}:? )?(bad request|unauthorized|forbidden|not found|method not allowed|unprocessable (entity|content)|too many requests|internal server error|not implemented|bad gateway|service unavailable|gateway time-?out)\.?$/i.test(
    error.trim(),
  )

/** What a gateway says of a server that it does not reach. Ollama's own client says the same only of other addresses, after the request that it made. */
export const isGatewaysWords = (error: string) =>
  isStatusPhrase(error) ||
  /ECONN|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH|upstream|bad gateway|gateway time|\bproxy\b|connection refused|no such host|^dial tcp|connection reset by peer/i.test(
    error.replace(/(Get|Post|Head) "[^"]*".*/s, ''),
  )

const isJson = ({ headers, body }: Response) =>
  /json/.test(headers['content-type'] ?? '') && !/"cloudflare_error"/.test(body)

/** Ollama's own "not found" about a model. */
export const isNotFound = (answer: Response) =>
  isOllamaError(answer) &&
  /model ['"].*['"] not found|model .* not found, try pulling/.test(errorText(answer.body) ?? '')

/** A list of models as only Ollama writes it: with digests. Others imitate the rest. */
export const isOllamasList = (answer: Answer | undefined) =>
  (listedModels(answer) ?? []).some(({ digest }) => digest !== null && digest !== '')

/** The first line of a generation: text, thinking, or an end without either. Anything else is not one. */
export function isToken({ answer }: Pick<Trial, 'answer'>): boolean {
  if (answer.kind !== 'response' || answer.status !== 200) return false
  const [line = ''] = answer.body.trimStart().split('\n')
  const token = jsonOf({ ...answer, body: line })
  return typeof token?.response === 'string' && (token.error ?? null) === null
}
