import {
  isCloudName,
  listedModels,
  loadedEntry,
  sameModel,
  type Answer,
  type Evidence,
} from '../../src/lib/diagnosis/index.ts'
import { NOT_SENT, type Ask } from './probes.ts'

/** Together with the rest of a deep check this stays below 25 s. */
const TIMEOUT_MS = 16_000
const YEAR_MS = 365 * 24 * 3_600_000
const REQUEST_MS = 1000
/** A model that is about to be unloaded is left alone. */
const MARGIN_MS = 4000

interface Candidate {
  model: string
  /** The fields that leave a loaded model as it is. */
  keeping: { keep_alive?: string | number; options: Record<string, number> }
}

/** What the request may cost: a load, or money. */
interface Permissions {
  load: boolean
  askCloud: boolean
}

/**
 * Requests one token from a loaded model, with its allocated context and its remaining time, so that Ollama neither reloads
 * nor evicts it nor keeps it longer. `load`: a model may be loaded.
 */
export async function requestToken(
  ask: Ask,
  evidence: Evidence,
  permissions: Permissions,
): Promise<NonNullable<Evidence['deep']>> {
  const candidate = candidateOf(evidence, permissions)
  if ('skipped' in candidate) return candidate
  const { model, keeping } = candidate
  const body = JSON.stringify({ model, prompt: 'Hi', stream: true, ...keeping })
  const answer = await ask({ route: 'POST /api/generate', body }, TIMEOUT_MS, {
    tries: 2,
    isLineEnough: true,
  })
  if (answer === NOT_SENT) return { skipped: 'no_budget' }
  return writesNoText(answer) ? { skipped: 'embedding_only' } : { model, answer }
}

function candidateOf(
  { ps, tags, wanted }: Evidence,
  { load, askCloud }: Permissions,
): Candidate | { skipped: 'not_loaded' | 'unknown_context' | 'no_model' | 'cloud' } {
  const [name] = wanted
  const entry = name === undefined ? listedModels(ps)?.[0] : loadedEntry({ ps, tags }, name)
  const left = entry ? msLeft(entry.expiresAt) : 0
  if (entry && left > MARGIN_MS) {
    const { contextLength } = entry
    // Without it Ollama would reload a model that has a non-default context.
    if (contextLength === null && !load) return { skipped: 'unknown_context' }
    const options = {
      num_predict: 1,
      ...(contextLength === null ? {} : { num_ctx: contextLength }),
    }
    return { model: name ?? entry.name, keeping: { options, ...keepAliveFor(left) } }
  }
  const installed = name ?? listedModels(tags)?.[0]?.name
  if (installed === undefined) return { skipped: 'no_model' }
  const isCloud = isCloudName(installed) || isRemote(tags, installed)
  if (isCloud && !askCloud) return { skipped: 'cloud' }
  if (!load && !isCloud) return { skipped: 'not_loaded' }
  return { model: installed, keeping: { options: { num_predict: 1 } } }
}

const isRemote = (tags: Answer | undefined, model: string) =>
  listedModels(tags)?.some((one) => one.isRemote && sameModel(one.name, model)) ?? false

/** Ollama's answer for an embedding model, which also proves that it works. */
const writesNoText = (answer: Answer) =>
  answer.kind === 'response' &&
  answer.status === 400 &&
  /does not support generate/.test(answer.body)

/** How long a loaded model stays, in milliseconds; `Infinity` if Ollama does not report it. */
function msLeft(expiresAt: string | null): number {
  const at = expiresAt === null ? NaN : Date.parse(expiresAt)
  return Number.isNaN(at) ? Infinity : at - Date.now()
}

/** The remaining time, less the duration of the request: Ollama restarts the time when the request ends. */
function keepAliveFor(left: number): { keep_alive: string | number } {
  return { keep_alive: left > YEAR_MS ? -1 : `${Math.floor((left - REQUEST_MS) / 1000)}s` }
}
