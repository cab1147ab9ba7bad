import type { Answer, Evidence } from './evidence.ts'
import { listedModels, versionOf } from './ollama.ts'

/**
 * What answers to the same question, moments apart, contradict each other in: two servers behind one address. An answer that
 * failed contradicts nothing. A list that changes once was changed (a model was pulled or removed); one that changes back
 * was told by two.
 */
export function differenceIn({ version, tags, again, third }: Evidence): string | null {
  const [first, second] = [versionOf(version), versionOf(again?.version)]
  if (first !== null && second !== null && first !== second) return `version ${first}, then ${second}`
  const [before, after, last] = [listOf(tags), listOf(again?.tags), listOf(third)]
  const isChange = before !== null && after !== null && before.line !== after.line
  const isChangedBack = isChange && last !== null && last.line !== after.line
  return isChangedBack ? `${counted(before.count)}, then ${counted(after.count)} that differ` : null
}

const counted = (count: number) => `${count} ${count === 1 ? 'model' : 'models'}`

function listOf(answer: Answer | undefined): { line: string; count: number } | null {
  const models = listedModels(answer)
  if (models === null) return null
  const lines = models.map(({ name, digest }) => `${name} ${digest}`).sort()
  return { line: lines.join(), count: lines.length }
}
