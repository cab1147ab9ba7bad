import type { Ollama } from 'ollama/browser'

export interface ModelDetails {
  capabilities: string[]
  /** Tokens; `null` if the home does not report it. */
  contextLength: number | null
}

interface ListedModel {
  name: string
  digest?: string
  capabilities?: string[] | null
}

/** By digest, which stands for the same file at every home. */
const cache = new Map<string, ModelDetails>()
const CACHE_SIZE = 500
const MAX_REQUESTS = 20
/** The list must not wait long. Details that arrive later are in the cache for the next list. */
const TIMEOUT_MS = 700

/**
 * Before 0.30 Ollama's list lacks the capabilities, but `show` has them. Returns the details by digest; they may be missing for
 * models whose `show` takes too long.
 */
export async function modelDetails(
  ollama: Ollama,
  models: readonly ListedModel[],
): Promise<ReadonlyMap<string, ModelDetails>> {
  const unknown = models.filter(
    ({ digest, capabilities }) => digest && !capabilities && !cache.has(digest),
  )
  const requests = unknown.slice(0, MAX_REQUESTS).map((model) => requestDetails(ollama, model))
  const timeout = new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS))
  await Promise.race([Promise.all(requests), timeout])
  return cache
}

async function requestDetails(ollama: Ollama, { name, digest = '' }: ListedModel) {
  try {
    const { capabilities, model_info } = await ollama.show({ model: name })
    if (!Array.isArray(capabilities)) return
    if (cache.size >= CACHE_SIZE) cache.clear()
    cache.set(digest, {
      capabilities: capabilities.map(String),
      contextLength: contextLengthIn(model_info),
    })
  } catch {
    // `show` fails for a damaged model file. The list is useful without it.
  }
}

/** The name of the entry begins with the architecture: `llama.context_length`. */
function contextLengthIn(info: unknown): number | null {
  const entries =
    typeof info === 'object' && info !== null ? Object.entries(info as Record<string, unknown>) : []
  const [, length] = entries.find(([name]) => name.endsWith('.context_length')) ?? []
  return typeof length === 'number' && length > 0 ? length : null
}
