import { isCloudName, normalName } from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { HttpProblem } from '../http/problem.ts'
import { ollamaAt } from '../ollama/client.ts'
import { MINUTE_MS } from '../time.ts'
import { namedOf, type Listed } from './listed.ts'

/** Ollama marks models that run on another server; since 0.17.6 the name shows it even where nothing is listed. */
export const isCloudModel = ({ name, remote_host, remote_model }: Listed) =>
  isCloudName(name) || Boolean(remote_host) || Boolean(remote_model)

/** How long a list is used, so that not every run has to wait for a new one. */
const CACHE_MS = MINUTE_MS
/** A home that needs longer for a list is in trouble, which the run itself reports. */
const TIMEOUTS = { firstMs: 1000, idleMs: 1000 } as const

/** The names of cloud models, by the home's origin. */
const cache = new Map<string, { names: ReadonlySet<string>; at: number }>()

const originOf = ({ home }: Config) => ('fault' in home ? '' : home.origin)

export function rememberCloudModels(config: Config, models: readonly Listed[]) {
  const names = new Set(models.filter(isCloudModel).map(({ name }) => normalName(name)))
  cache.set(originOf(config), { names, at: Date.now() })
}

/** The home's owner pays for cloud models, so they are refused unless `ALLOW_CLOUD_MODELS` is set. */
export async function refuseCloudModel(config: Config, model: string): Promise<void> {
  if (config.allowsCloudModels || 'fault' in config.home) return
  if (!isCloudName(model) && !(await cloudModels(config)).has(normalName(model))) return
  throw new HttpProblem(
    'forbidden',
    `${model} runs in Ollama’s cloud, on the account of the home’s owner. To allow this, set ALLOW_CLOUD_MODELS=1 on the server.`,
  )
}

async function cloudModels(config: Config): Promise<ReadonlySet<string>> {
  const cached = cache.get(originOf(config))
  if (cached && Date.now() - cached.at < CACHE_MS) return cached.names
  const list = await ollamaAt(config, TIMEOUTS)
    .list()
    .catch(() => null)
  if (list) rememberCloudModels(config, namedOf(list.models))
  return cache.get(originOf(config))?.names ?? new Set()
}
