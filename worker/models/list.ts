import type { InstalledModel, ThinkingKind } from '../../src/lib/contract/llm.ts'
import type { Config } from '../config.ts'
import { ollamaAt } from '../ollama/client.ts'
import { modelDetails, type ModelDetails } from './capabilities.ts'
import { isCloudModel, rememberCloudModels } from './cloud.ts'
import { runnerOf } from './facts.ts'
import { namedOf, type Listed } from './listed.ts'

const TIMEOUTS = { firstMs: 6000, idleMs: 6000 } as const

/** The installed models, and whether each is loaded. Throws `HomeFailure`. */
export async function listModels(config: Config): Promise<InstalledModel[]> {
  const ollama = ollamaAt(config, TIMEOUTS)
  // `ps` can hang behind a load while everything else works, so its failure is ignored.
  const [list, loaded] = await Promise.all([
    ollama.list(),
    ollama.ps().catch(() => ({ models: [] })),
  ])
  const runners = namedOf(loaded.models)
  const models = namedOf(list.models)
  rememberCloudModels(config, models)
  const details = await modelDetails(ollama, models)
  return models.map((model) => {
    const isLoaded = runnerOf(runners, model.name, model.digest) !== undefined
    return installedModel(model, isLoaded, details.get(model.digest ?? ''))
  })
}

/** The models that may be used. */
export const usableModels = async (config: Config): Promise<InstalledModel[]> =>
  (await listModels(config)).filter(({ cloud }) => config.allowsCloudModels || !cloud)

function installedModel(
  listed: Listed,
  loaded: boolean,
  known: ModelDetails | undefined,
): InstalledModel {
  const { name, size, digest, modified_at, details } = listed
  const capabilities = listed.capabilities ?? known?.capabilities ?? []
  return {
    name,
    size: size ?? null,
    parameterSize: details?.parameter_size || null,
    quantization: details?.quantization_level || null,
    family: details?.family || null,
    capabilities,
    thinking: thinkingOf(capabilities, details?.family),
    contextLength: details?.context_length || (known?.contextLength ?? null),
    loaded,
    cloud: isCloudModel(listed),
    digest: digest ?? null,
    modifiedAt: modified_at === undefined ? null : String(modified_at),
  }
}

/** Families that accept a level, and whose thinking cannot be switched off. */
const FAMILIES_WITH_LEVELS: readonly (string | undefined)[] = ['gptoss', 'gpt-oss']

function thinkingOf(
  capabilities: readonly string[],
  family: string | undefined,
): ThinkingKind | null {
  if (!capabilities.includes('thinking')) return null
  return FAMILIES_WITH_LEVELS.includes(family) ? 'levels' : 'switch'
}
