import type { Ollama } from 'ollama/browser'
import { sameModel } from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { ollamaAt } from '../ollama/client.ts'
import { namedOf, type Listed } from './listed.ts'

/** What the home says about a model beside its answer. `null` is what it did not say in time. */
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

const orNull = <Value>(asked: Promise<Value>): Promise<Value | null> => asked.catch(() => null)

/** Whether the model is loaded, asked as its run sets out. */
export async function factsBefore(
  config: Config,
  model: string,
  leave: AbortSignal,
): Promise<Partial<Facts>> {
  const ollama = ollamaAt(config, TIMEOUTS, leave)
  const [loaded, listed] = await Promise.all([loadedModels(ollama), orNull(ollama.list())])
  const entry = namedOf(listed?.models).find(({ name }) => sameModel(name, model))
  return {
    cold: loaded === null ? null : runnerOf(loaded, model, entry?.digest) === undefined,
    digest: entry?.digest ?? null,
    quantization: entry?.details?.quantization_level || null,
    size: entry?.size ?? null,
  }
}

/** How it is loaded, asked while it answers. */
export async function factsDuring(
  config: Config,
  model: string,
  digest: string | null,
  leave: AbortSignal,
): Promise<Partial<Facts>> {
  const ollama = ollamaAt(config, TIMEOUTS, leave)
  const [loaded, version] = await Promise.all([loadedModels(ollama), orNull(ollama.version())])
  const runner = runnerOf(loaded ?? [], model, digest ?? undefined)
  return {
    contextLength: runner?.context_length || null,
    gpuShare: shareOf(runner),
    version: version?.version ?? null,
  }
}

const loadedModels = async (ollama: Ollama): Promise<Loaded[] | null> => {
  const answer = await orNull(ollama.ps())
  return answer === null ? null : namedOf(answer.models)
}

/** Models of one file share a runner, and `ps` names only the first of them. */
const runnerOf = (loaded: readonly Loaded[], model: string, digest: string | undefined) =>
  loaded.find((one) => sameModel(one.name, model) || (Boolean(digest) && one.digest === digest))

export const shareOf = (runner: Loaded | undefined): number | null =>
  runner?.size && runner.size_vram !== undefined
    ? Math.min(1, runner.size_vram / runner.size)
    : null
