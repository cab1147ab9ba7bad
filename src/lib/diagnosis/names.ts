/**
 * Model names as Ollama reads them: host/namespace/model:tag, each with a default, compared without case.
 * Source: ollama types/model/name.go and internal/modelref/modelref.go.
 */
export function normalName(name: string): string {
  const text = name
    .trim()
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, '')
    .replace(/:local$/, '')
  const slash = text.lastIndexOf('/')
  const colon = text.lastIndexOf(':')
  const tag = colon > slash ? text.slice(colon + 1) : 'latest'
  const parts = (colon > slash ? text.slice(0, colon) : text).split('/')
  const model = parts.pop() ?? ''
  const namespace = parts.pop() ?? 'library'
  const host = parts.join('/') || 'registry.ollama.ai'
  return `${host}/${namespace}/${model}:${tag}`
}

/** A cloud model needs no entry in the list since Ollama 0.17.6, so its absence says nothing. */
export const isCloudName = (name: string) => /:([^/:]*-)?cloud$/i.test(name.trim())

/** Whether two names differ in their tag at most. */
export const sameBase = (a: string, b: string) =>
  normalName(a).replace(/:[^:/]*$/, '') === normalName(b).replace(/:[^:/]*$/, '')

export const sameModel = (a: string, b: string) => normalName(a) === normalName(b)

/** Up to three installed names that were probably meant: the same model under another tag first, then near spellings. */
export function nearestNames(wanted: string, installed: readonly string[]): string[] {
  const base = baseName(wanted)
  return installed
    .filter((name) => !sameModel(name, wanted))
    .map((name) => ({ name, away: baseName(name) === base ? 0 : distance(base, baseName(name)) }))
    .filter(
      ({ name, away }) =>
        away <= Math.max(2, Math.floor(base.length / 3)) || family(name) === family(wanted),
    )
    .sort((a, b) => a.away - b.away)
    .slice(0, 3)
    .map(({ name }) => name)
}

const baseName = (name: string) => normalName(name).replace(/^.*\//, '').replace(/:.*$/, '')
const family = (name: string) => /^[a-z]+/.exec(baseName(name))?.[0] ?? baseName(name)

/** Levenshtein distance. Names are short, so the simple table is fast enough. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1]
    for (const [j, other] of b.split('').entries()) {
      next.push(
        Math.min(
          (next[j] ?? 0) + 1,
          (row[j + 1] ?? 0) + 1,
          (row[j] ?? 0) + (letter === other ? 0 : 1),
        ),
      )
    }
    row = next
  }
  return row[b.length] ?? 0
}
