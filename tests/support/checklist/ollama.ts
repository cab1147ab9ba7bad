/** Requests to Ollama itself, without our server, for comparison. */
import type { Config } from '../../../worker/config.ts'

export interface Ollama {
  url: string
  credentials: Record<string, string>
}

export interface Answer {
  status: number
  type: string
  text: string
}

/** An entry of the model list. Only the name is always present. */
export interface Listed {
  name: string
  size?: number
  digest?: string
  remote_host?: string
  details?: { family?: string; parameter_size?: string; quantization_level?: string }
}

/** A cold load from a slow disk takes minutes. */
export const TIMEOUT_MS = 5 * 60_000
/** A version needs no loaded model. */
const VERSION_TIMEOUT_MS = 10_000

export const ollamaOf = ({ home, credentials }: Config): Ollama | null =>
  'fault' in home ? null : { url: home.origin, credentials }

/** GET without a body, POST with one. */
export async function ask(
  { url, credentials }: Ollama,
  path: string,
  body?: object,
  timeoutMs = TIMEOUT_MS,
): Promise<Answer> {
  const json = { 'Content-Type': 'application/json' }
  const response = await fetch(`${url}${path}`, {
    signal: AbortSignal.timeout(timeoutMs),
    ...(body === undefined
      ? { headers: credentials }
      : { method: 'POST', body: JSON.stringify(body), headers: { ...credentials, ...json } }),
  })
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    text: await response.text(),
  }
}

async function askJson<Body>(ollama: Ollama, path: string, timeoutMs = TIMEOUT_MS): Promise<Body> {
  const { status, text } = await ask(ollama, path, undefined, timeoutMs)
  if (status !== 200)
    throw new Error(`${path} at ${ollama.url} answers ${status}: ${text.slice(0, 200)}`)
  return JSON.parse(text) as Body
}

export const versionOf = async (ollama: Ollama) =>
  (await askJson<{ version: string }>(ollama, '/api/version', VERSION_TIMEOUT_MS)).version

export const modelsOf = async (ollama: Ollama) =>
  (await askJson<{ models: Listed[] | null }>(ollama, '/api/tags')).models ?? []

/** `null`: this Ollama is too old to say, or the model cannot be shown. */
export async function capabilitiesOf(ollama: Ollama, model: string): Promise<string[] | null> {
  const { status, text } = await ask(ollama, '/api/show', { model })
  return status === 200
    ? ((JSON.parse(text) as { capabilities?: string[] }).capabilities ?? null)
    : null
}

/** The wanted one, else the smallest that completes text on this very machine. */
export async function chooseModel(ollama: Ollama, wanted: string | undefined): Promise<string> {
  if (wanted !== undefined) return wanted
  const own = (await modelsOf(ollama)).filter(({ remote_host }) => !remote_host)
  for (const { name } of own.sort(bySize)) {
    const capabilities = await capabilitiesOf(ollama, name)
    if (capabilities === null || capabilities.includes('completion')) return name
  }
  throw new Error('No model here can complete text. Pull one first: ollama pull llama3.2')
}

/** Names decide between equals, so that every run takes the same one. */
const bySize = (one: Listed, other: Listed) =>
  (one.size ?? 0) - (other.size ?? 0) || one.name.localeCompare(other.name)
