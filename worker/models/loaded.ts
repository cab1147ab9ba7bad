import type { LoadedModel, WarmRequest } from '../../src/lib/contract/warmth.ts'
import { sameModel } from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { ollamaAt, type Timeouts } from '../ollama/client.ts'
import { shareOf, type Loaded } from './facts.ts'
import { namedOf } from './listed.ts'

/** `ps` can hang behind a load. */
const LIST_PATIENCE = { firstMs: 4000, idleMs: 4000 } as const
const UNLOAD_PATIENCE = { firstMs: 15_000, idleMs: 5000 } as const
const NOBODY_LEAVES = new AbortController().signal

/** What the home has in its memory. Throws `HomeFailure`. */
export async function loadedModels(config: Config, leave = NOBODY_LEAVES): Promise<LoadedModel[]> {
  const { models } = await ollamaAt(config, LIST_PATIENCE, leave).ps()
  return namedOf(models).map((entry: Loaded) => ({
    name: entry.name,
    digest: entry.digest ?? null,
    size: entry.size ?? null,
    gpuShare: shareOf(entry),
    contextLength: entry.context_length || null,
    expiresAt: entry.expires_at ?? null,
  }))
}

/** When a model goes, as the home says now; `null`: it is not listed, or the home does not say. */
export async function expiryOf(
  config: Config,
  model: string,
  leave: AbortSignal,
): Promise<string | null> {
  const models = await loadedModels(config, leave).catch(() => [])
  return models.find(({ name }) => sameModel(name, model))?.expiresAt ?? null
}

/** Resolves when the model is loaded. Throws `HomeFailure`. */
export async function load(
  config: Config,
  { model, options, keepAlive }: WarmRequest,
  patience: Timeouts,
  leave: AbortSignal,
): Promise<void> {
  await ollamaAt(config, patience, leave).generate({
    ...{ model, prompt: '', stream: false },
    ...(options === undefined ? {} : { options }),
    ...(keepAlive === undefined ? {} : { keep_alive: keepAlive }),
  })
}

/** Takes a model out of the home’s memory once nobody uses it. Throws `HomeFailure`. */
export async function unload(config: Config, model: string): Promise<void> {
  await ollamaAt(config, UNLOAD_PATIENCE, NOBODY_LEAVES).generate({
    model,
    prompt: '',
    stream: false,
    keep_alive: 0,
  })
}
