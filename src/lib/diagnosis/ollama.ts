import type { Answer, Response } from './evidence.ts'

/** A model as `/api/tags` lists it; only what this product uses. Sizes in bytes. */
export interface ListedModel {
  name: string
  digest: string | null
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
  const isOllamas = answer?.kind === 'response' && answer.status === 200 && json?.deployment_id === undefined
  return isOllamas && typeof json?.version === 'string' ? json.version : null
}

/** The models of `/api/tags` or `/api/ps`. Ollama's list may be `null`; any other shape is not Ollama's. */
export function listedModels(answer: Answer | undefined): ListedModel[] | null {
  const json = jsonOf(answer)
  if (!json || !('models' in json) || answer?.kind !== 'response' || answer.status !== 200) return null
  if (json.models === null) return []
  if (!Array.isArray(json.models)) return null
  return json.models.flatMap((entry: { name?: unknown; model?: unknown; digest?: unknown }) => {
    const name = entry.name ?? entry.model
    return typeof name === 'string' ? [{ name, digest: typeof entry.digest === 'string' ? entry.digest : null }] : []
  })
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
    const inner = 'error' in value ? value.error : 'message' in value ? value.message : null
    if (inner === null || inner === undefined) return null
    value = inner
  }
  return typeof value === 'string' ? value : null
}

export const isOllamaError = (answer: Response) =>
  /json/.test(answer.headers['content-type'] ?? '') &&
  !/"cloudflare_error"/.test(answer.body) &&
  errorText(answer.body) !== null
