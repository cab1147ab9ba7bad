import type { Answer, Evidence } from './evidence.ts'
import { haveSameBody, listedModels, versionOf } from './ollama.ts'

/** A contradiction between answers to the same request, moments apart. */
export interface Difference {
  /** The contradiction in words, for the owner. */
  what: string
  /** Adding or removing models during the check could also be the reason. */
  isUncertain: boolean
}

/** More entries than a person changes by hand during a check. */
const SURE_CHANGES = 3

/**
 * Detects two servers behind one address by their contradictory answers. A failed answer contradicts nothing, and a list in
 * which one model was added or removed has simply changed.
 */
export function differenceIn({ version, tags, again, third, twin }: Evidence): Difference | null {
  return (
    differentVersions(version, again?.version) ??
    differentVersions(version, twin?.version) ??
    differentLists(tags, again?.tags, third) ??
    differentLists(tags, third, undefined) ??
    differentLists(tags, twin?.tags, tags)
  )
}

function differentVersions(one: Answer | undefined, other: Answer | undefined): Difference | null {
  const [first, second] = [versionOf(one), versionOf(other)]
  if (first === null || second === null || first === second) return null
  return { what: `version ${first}, then ${second}`, isUncertain: false }
}

function differentLists(
  one: Answer | undefined,
  other: Answer | undefined,
  last: Answer | undefined,
): Difference | null {
  if (haveSameBody(one, other)) return null
  const [before, after, third] = [digestsOf(one), digestsOf(other), digestsOf(last)]
  if (before === null || after === null) return null
  const names = new Set([...before.keys(), ...after.keys()])
  const changed = [...names].filter((name) => before.get(name) !== after.get(name))
  const isBack = third !== null && changed.every((name) => third.get(name) === before.get(name))
  if (changed.length === 0 || (changed.length === 1 && !isBack)) return null
  const isSure = changed.length >= SURE_CHANGES && (changed.length === names.size || isBack)
  return {
    what: `${counted(before.size)}, then ${counted(after.size)} that differ`,
    isUncertain: !isSure,
  }
}

const counted = (count: number) => `${count} ${count === 1 ? 'model' : 'models'}`

/** The list as names with digests, because Ollama's order is not stable. */
function digestsOf(answer: Answer | undefined): Map<string, string> | null {
  const models = listedModels(answer)
  return models && new Map(models.map(({ name, digest }) => [name, digest ?? '']))
}
