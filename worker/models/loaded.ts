import type { LoadedModel, WarmRequest } from '../../src/lib/contract/warmth.ts'
import { sameModel } from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { ollamaAt, type Timeouts } from '../ollama/client.ts'
import { gpuShareOf, type Loaded } from './facts.ts'
import { namedOf } from './listed.ts'

/** `ps` can hang behind a load. */
const LIST_TIMEOUTS = { firstMs: 4000, idleMs: 4000 } as const
const UNLOAD_TIMEOUTS = { firstMs: 15_000, idleMs: 5000 } as const

/** The models in the home's memory. Throws `HomeFailure`. */
export async function loadedModels(config: Config, signal?: AbortSignal): Promise<LoadedModel[]> {
  const { models } = await ollamaAt(config, LIST_TIMEOUTS, signal).ps()
  return namedOf(models).map((entry: Loaded) => ({
    name: entry.name,
    digest: entry.digest ?? null,
    size: entry.size ?? null,
    gpuShare: gpuShareOf(entry),
    contextLength: entry.context_length || null,
    expiresAt: entry.expires_at ?? null,
  }))
}

/** When the home will unload a model; `null` if the model is not listed, or the home does not answer. */
export async function expiryOf(
  config: Config,
  model: string,
  signal: AbortSignal,
): Promise<string | null> {
  const models = await loadedModels(config, signal).catch(() => [])
  return models.find(({ name }) => sameModel(name, model))?.expiresAt ?? null
}

/** Resolves when the model is loaded. Throws `HomeFailure`. */
export async function load(
  config: Config,
  { model, options, keepAlive }: WarmRequest,
  timeouts: Timeouts,
  signal: AbortSignal,
): Promise<void> {
  await ollamaAt(config, timeouts, signal).generate({
    model,
    prompt: '',
    stream: false,
    ...(options === undefined ? {} : { options }),
    ...(keepAlive === undefined ? {} : { keep_alive: keepAlive }),
  })
}

/** Removes a model from the home’s memory once no request uses it. Throws `HomeFailure`. */
export async function unload(config: Config, model: string): Promise<void> {
  await ollamaAt(config, UNLOAD_TIMEOUTS).generate({
    model,
    prompt: '',
    stream: false,
    keep_alive: 0,
  })
}
