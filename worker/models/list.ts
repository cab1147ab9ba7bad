import type { InstalledModel, ThinkingKind } from '../../src/lib/contract/llm.ts'
import { sameModel } from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { learnCapabilities, type Learned } from './capabilities.ts'
import { ollamaAt } from '../ollama/client.ts'
import { isCloudModel, rememberCloudModels } from './cloud.ts'

const TIMEOUTS = { firstMs: 6000, idleMs: 6000 } as const

/** What Ollama lists and the npm package's types lack; every field but the name may be missing. */
export interface Listed {
  name: string
  size?: number
  digest?: string
  modified_at?: string | Date
  details?: {
    parameter_size?: string
    quantization_level?: string
    family?: string
    context_length?: number
  } | null
  capabilities?: string[] | null
  /** Of what is only passed on to another server. */
  remote_host?: string
  remote_model?: string
}

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

/** Entries without a name are none: nothing could be asked of them. */
export function namedOf(entries: unknown): Listed[] {
  if (!Array.isArray(entries)) return []
  return (entries as unknown[]).filter(
    (entry): entry is Listed =>
      typeof entry === 'object' &&
      entry !== null &&
      typeof (entry as { name?: unknown }).name === 'string',
  )
}

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
