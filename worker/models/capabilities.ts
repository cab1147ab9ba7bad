import type { Ollama } from 'ollama/browser'

/** Before 0.30 Ollama's list does not say what a model can do; `show` does. A digest never changes what it stands for. */
const known = new Map<string, Learned>()
const MOST_KEPT = 500
const MOST_ASKED = 20
/** The list is wanted now; what comes later is known the next time. */
const TIMEOUT_MS = 700

export interface Learned {
  capabilities: string[]
  /** Tokens; `null`: not told. */
  contextLength: number | null
}

interface Wanting {
  name: string
  digest?: string
  capabilities?: string[] | null
}

/** What `show` says, by digest, for the models whose entry lacks them. What does not come in time is left out. */
export async function learnCapabilities(
  ollama: Ollama,
  models: readonly Wanting[],
): Promise<ReadonlyMap<string, Learned>> {
  const unknown = models.filter(
    ({ digest, capabilities }) => digest && !capabilities && !known.has(digest),
  )
  const asked = Promise.all(unknown.slice(0, MOST_ASKED).map((model) => learn(ollama, model)))
  await Promise.race([asked, new Promise((resume) => setTimeout(resume, TIMEOUT_MS))])
  return known
}

async function learn(ollama: Ollama, { name, digest = '' }: Wanting) {
  try {
    const { capabilities, model_info } = await ollama.show({ model: name })
    if (!Array.isArray(capabilities)) return
    if (known.size >= MOST_KEPT) known.clear()
    known.set(digest, {
      capabilities: capabilities.map(String),
      contextLength: contextLengthOf(model_info),
    })
  } catch {
    // A model whose file is damaged cannot be shown; the list is still worth having.
  }
}

/** Its name begins with the architecture: `llama.context_length`. */
function contextLengthOf(info: unknown): number | null {
  const entries =
    typeof info === 'object' && info !== null ? Object.entries(info as Record<string, unknown>) : []
  const [, length] = entries.find(([name]) => name.endsWith('.context_length')) ?? []
  return typeof length === 'number' && length > 0 ? length : null
}
