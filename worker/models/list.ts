import type { InstalledModel, ThinkingKind } from '../../src/lib/contract/llm.ts'
import { sameModel } from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { learnCapabilities, type Learned } from './capabilities.ts'
import { ollamaAt } from '../ollama/client.ts'
import { isCloudModel, rememberCloudModels } from './cloud.ts'
import { namedOf, type Listed } from './listed.ts'

const TIMEOUTS = { firstMs: 6000, idleMs: 6000 } as const

/** The installed models, with what is loaded. Throws `HomeFailure`. */
export async function listModels(config: Config): Promise<InstalledModel[]> {
  const ollama = ollamaAt(config, TIMEOUTS, new AbortController().signal)
  // `ps` can hang behind a load while all else is well, so it may fail without a word.
  const [list, loaded] = await Promise.all([
    ollama.list(),
    ollama.ps().catch(() => ({ models: [] })),
  ])
  const running = namedOf(loaded.models)
  const models = namedOf(list.models)
  rememberCloudModels(config, models)
  const known = await learnCapabilities(ollama, models)
  return models.map((model) => {
    // Models of one file share a runner, and `ps` names only the first of them.
    const isLoaded = running.some(
      ({ name, digest }) =>
        sameModel(name, model.name) || (Boolean(digest) && digest === model.digest),
    )
    return shape(model, isLoaded, known.get(model.digest ?? ''))
  })
}

/** The models that may be asked. */
export const usableModels = async (config: Config): Promise<InstalledModel[]> =>
  (await listModels(config)).filter(({ cloud }) => config.allowsCloudModels || !cloud)

function shape(listed: Listed, loaded: boolean, shown: Learned | undefined): InstalledModel {
  const { name, size, digest, modified_at, details, capabilities } = listed
  const able = capabilities ?? shown?.capabilities ?? []
  return {
    name,
    size: size ?? null,
    parameterSize: details?.parameter_size || null,
    quantization: details?.quantization_level || null,
    family: details?.family || null,
    capabilities: able,
    thinking: thinkingOf(able, details?.family),
    contextLength: details?.context_length || (shown?.contextLength ?? null),
    loaded,
    cloud: isCloudModel(listed),
    digest: digest ?? null,
    modifiedAt: modified_at === undefined ? null : String(modified_at),
  }
}

/** Families that take a level and cannot be told not to think at all. */
const LEVELLED: readonly (string | undefined)[] = ['gptoss', 'gpt-oss']

function thinkingOf(able: readonly string[], family: string | undefined): ThinkingKind | null {
  if (!able.includes('thinking')) return null
  return LEVELLED.includes(family) ? 'levels' : 'switch'
}
