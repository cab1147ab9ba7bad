import { isCloudName, normalName } from '../../src/lib/diagnosis/index.ts'
import { HttpProblem } from '../http/problem.ts'
import type { Config } from '../config.ts'
import { ollamaAt } from '../ollama/client.ts'
import { namedOf, type Listed } from './listed.ts'

/** Ollama marks what it only passes on; the name says so since 0.17.6 even where nothing is listed. */
export const isCloudModel = ({ name, remote_host, remote_model }: Listed) =>
  isCloudName(name) || Boolean(remote_host) || Boolean(remote_model)

/** ms. For so long a list is believed, so that not every run waits for one. */
const BELIEVED_MS = 60_000
/** ms. A list that takes longer belongs to a home in trouble, which the run itself will name. */
const TIMEOUTS = { firstMs: 1000, idleMs: 1000 } as const

/** By the home's address: the names that stand for a model elsewhere, and when that was seen. */
const seen = new Map<string, { remote: ReadonlySet<string>; at: number }>()

const originOf = ({ home }: Config) => ('fault' in home ? '' : home.origin)

export function rememberCloudModels(config: Config, models: readonly Listed[]) {
  const remote = new Set(models.filter(isCloudModel).map(({ name }) => normalName(name)))
  seen.set(originOf(config), { remote, at: Date.now() })
}

/** They are paid for by the home's owner, so they are refused unless that is wanted (`ALLOW_CLOUD_MODELS`). */
export async function refuseCloudModel(config: Config, model: string): Promise<void> {
  if (config.allowsCloudModels || 'fault' in config.home) return
  if (!isCloudName(model) && !(await cloudModels(config)).has(normalName(model))) return
  throw new HttpProblem(
    'forbidden',
    `${model} runs in Ollama’s cloud, on the account of the home’s owner. Set ALLOW_CLOUD_MODELS=1 on the server to allow it.`,
  )
}

async function cloudModels(config: Config): Promise<ReadonlySet<string>> {
  const known = seen.get(originOf(config))
  if (known && Date.now() - known.at < BELIEVED_MS) return known.remote
  const ollama = ollamaAt(config, TIMEOUTS, new AbortController().signal)
  const list = await ollama.list().catch(() => null)
  if (list) rememberCloudModels(config, namedOf(list.models))
  return seen.get(originOf(config))?.remote ?? new Set()
}
