/** Ollama's grammar of model names: host/namespace/model:tag, compared part by part and without case. */
export interface ModelName {
  host: string
  namespace: string
  model: string
  tag: string
}

const HOST = 'registry.ollama.ai'
const NAMESPACE = 'library'

const PART = {
  host: /^[a-z0-9_][a-z0-9_.:-]{0,349}$/i,
  namespace: /^[a-z0-9_][a-z0-9_-]{0,79}$/i,
  model: /^[a-z0-9_][a-z0-9_.-]{0,79}$/i,
  tag: /^[a-z0-9_][a-z0-9_.-]{0,79}$/i,
} as const satisfies Record<keyof ModelName, RegExp>

const PARTS = ['host', 'namespace', 'model', 'tag'] as const satisfies readonly (keyof ModelName)[]

function splitTag(text: string): [string, string] {
  const colon = text.lastIndexOf(':')
  return colon > text.lastIndexOf('/')
    ? [text.slice(0, colon), text.slice(colon + 1)]
    : [text, 'latest']
}

export function parseName(text: string): ModelName | null {
  const [path, tag] = splitTag(text.trim().replace(/^[a-z]+:\/\//i, ''))
  const [model = '', namespace = NAMESPACE, host = HOST, ...rest] = path.split('/').reverse()
  const name = { host, namespace, model, tag }
  return rest.length === 0 && PARTS.every((part) => PART[part].test(name[part])) ? name : null
}

export function sameName(one: ModelName, other: ModelName): boolean {
  return PARTS.every((part) => one[part].toLowerCase() === other[part].toLowerCase())
}

export function fullName(name: ModelName): string {
  return `${name.host}/${name.namespace}/${name.model}:${name.tag}`
}

export function shortName(name: ModelName): string {
  const owner = name.namespace === NAMESPACE ? '' : `${name.namespace}/`
  return name.host === HOST ? `${owner}${name.model}:${name.tag}` : fullName(name)
}

export function findByName<T extends { name: string }>(
  models: readonly T[],
  asked: string,
): T | undefined {
  const wanted = parseName(asked)
  return models.find((model) => {
    const name = parseName(model.name)
    return wanted && name && sameName(wanted, name)
  })
}
