import type { Ollama } from 'ollama/browser'
import { sameModel } from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { ollamaAt } from '../ollama/client.ts'
import { namedOf, type Listed } from './listed.ts'

/** What the home reports about a model besides its answer; `null` for what it does not report in time. */
export interface Facts {
  cold: boolean | null
  digest: string | null
  quantization: string | null
  /** bytes */
  size: number | null
  contextLength: number | null
  gpuShare: number | null
  version: string | null
}

export const UNKNOWN_FACTS: Facts = {
  cold: null,
  digest: null,
  quantization: null,
  size: null,
  contextLength: null,
  gpuShare: null,
  version: null,
}

export interface Loaded extends Listed {
  size_vram?: number
  context_length?: number
  expires_at?: string
}

const TIMEOUTS = { firstMs: 3000, idleMs: 3000 } as const

const orNull = <Value>(request: Promise<Value>): Promise<Value | null> => request.catch(() => null)

/** Requested while the run is being sent: whether the model is loaded. */
export async function factsBefore(
  config: Config,
  model: string,
  signal: AbortSignal,
): Promise<Partial<Facts>> {
  const ollama = ollamaAt(config, TIMEOUTS, signal)
  const [loaded, listed] = await Promise.all([loadedModels(ollama), orNull(ollama.list())])
  const entry = namedOf(listed?.models).find(({ name }) => sameModel(name, model))
  return {
    cold: loaded === null ? null : runnerOf(loaded, model, entry?.digest) === undefined,
    digest: entry?.digest ?? null,
    quantization: entry?.details?.quantization_level || null,
    size: entry?.size ?? null,
  }
}

/** Requested while the model answers: how it is loaded. */
export async function factsDuring(
  config: Config,
  model: string,
  digest: string | null,
  signal: AbortSignal,
): Promise<Partial<Facts>> {
  const ollama = ollamaAt(config, TIMEOUTS, signal)
  const [loaded, version] = await Promise.all([loadedModels(ollama), orNull(ollama.version())])
  const runner = runnerOf(loaded ?? [], model, digest ?? undefined)
  return {
    contextLength: runner?.context_length || null,
    gpuShare: gpuShareOf(runner),
    version: version?.version ?? null,
  }
}

async function loadedModels(ollama: Ollama): Promise<Loaded[] | null> {
  const answer = await orNull(ollama.ps())
  return answer === null ? null : namedOf(answer.models)
}

/** Models with the same file share a runner, and `ps` names only the first of them. */
export const runnerOf = (loaded: readonly Loaded[], model: string, digest: string | undefined) =>
  loaded.find((one) => sameModel(one.name, model) || (Boolean(digest) && one.digest === digest))

export const gpuShareOf = (runner: Loaded | undefined): number | null =>
  runner?.size && runner.size_vram !== undefined
    ? Math.min(1, runner.size_vram / runner.size)
    : null
