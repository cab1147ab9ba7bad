import {
  isCloudName,
  listedModels,
  loadedEntry,
  sameModel,
  type Answer,
  type Evidence,
} from '../../src/lib/diagnosis/index.ts'
import { NOT_ASKED, type Ask } from './probes.ts'

/** ms. With the cheap part of a check below the cap of 25 s. */
const TIMEOUT_MS = 16_000
const YEAR_MS = 365 * 24 * 3_600_000
const TRIAL_MS = 1000
/** A model that is about to be unloaded is left alone. */
const MARGIN_MS = 4000

interface Candidate {
  model: string
  /** What makes the request leave a loaded model as it is. */
  keeping: { keep_alive?: string | number; options: Record<string, number> }
}

/** What a trial may cost: a load, and money. */
interface May {
  load: boolean
  askCloud: boolean
}

/**
 * Asks one loaded model for one token. It is neither loaded, nor evicted, nor kept longer for it: the request asks for the
 * context that is allocated and for the time that is left. `load`: a model that is not loaded may be.
 */
export async function tryOneToken(
  ask: Ask,
  evidence: Evidence,
  may: May,
): Promise<NonNullable<Evidence['deep']>> {
  const candidate = candidateOf(evidence, may)
  if ('skipped' in candidate) return candidate
  const { model, keeping } = candidate
  const body = JSON.stringify({ model, prompt: 'Hi', stream: true, ...keeping })
  const answer = await ask({ route: 'POST /api/generate', body }, TIMEOUT_MS, {
    tries: 2,
    isLineEnough: true,
  })
  if (answer === NOT_ASKED) return { skipped: 'no_budget' }
  return writesNoText(answer) ? { skipped: 'embedding_only' } : { model, answer }
}

function candidateOf(
  { ps, tags, wanted }: Evidence,
  { load, askCloud }: May,
): Candidate | { skipped: 'not_loaded' | 'unknown_context' | 'no_model' | 'cloud' } {
  const [name] = wanted
  const entry = name === undefined ? listedModels(ps)?.[0] : loadedEntry({ ps, tags }, name)
  const left = entry ? msLeft(entry.expiresAt) : 0
  if (entry && left > MARGIN_MS) {
    const { contextLength } = entry
    // Without it Ollama would reload the model, were it loaded with another context than usual.
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

/** An embedding model says so itself. It is as alive as any. */
const writesNoText = (answer: Answer) =>
  answer.kind === 'response' &&
  answer.status === 400 &&
  /does not support generate/.test(answer.body)

/** How long a loaded model stays; for ever when Ollama does not say. ms. */
function msLeft(expiresAt: string | null): number {
  const at = expiresAt === null ? NaN : Date.parse(expiresAt)
  return Number.isNaN(at) ? Infinity : at - Date.now()
}

/** The time that is left, less what the request itself takes: its end starts the time anew. */
function keepAliveFor(left: number): { keep_alive: string | number } {
  return { keep_alive: left > YEAR_MS ? -1 : `${Math.floor((left - TRIAL_MS) / 1000)}s` }
}
