import type { Answer, Evidence } from './evidence.ts'
import { areWordForWord, listedModels, versionOf } from './ollama.ts'

/** How answers to the same question, moments apart, contradict each other. */
export interface Difference {
  /** In words, for the owner. */
  what: string
  /** Somebody who adds and removes models in these moments could be the reason, too. */
  isDoubtful: boolean
}

/** So many entries are not changed by hand within a check. */
const MANY = 3

/**
 * Two servers behind one address, seen in what they say. An answer that failed contradicts nothing, and a list in which one
 * model came or went was changed in between.
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
  return { what: `version ${first}, then ${second}`, isDoubtful: false }
}

function differentLists(
  one: Answer | undefined,
  other: Answer | undefined,
  last: Answer | undefined,
): Difference | null {
  if (areWordForWord(one, other)) return null
  const [before, after, third] = [digestsOf(one), digestsOf(other), digestsOf(last)]
  if (before === null || after === null) return null
  const names = new Set([...before.keys(), ...after.keys()])
  const changed = [...names].filter((name) => before.get(name) !== after.get(name))
  const isBack = third !== null && changed.every((name) => third.get(name) === before.get(name))
  if (changed.length === 0 || (changed.length === 1 && !isBack)) return null
  const isSure = changed.length >= MANY && (changed.length === names.size || isBack)
  return {
    what: `${counted(before.size)}, then ${counted(after.size)} that differ`,
    isDoubtful: !isSure,
  }
}

const counted = (count: number) => `${count} ${count === 1 ? 'model' : 'models'}`

/** The list as names and digests: in which order Ollama tells them is luck. */
function digestsOf(answer: Answer | undefined): Map<string, string> | null {
  const models = listedModels(answer)
  return models && new Map(models.map(({ name, digest }) => [name, digest ?? '']))
}
