import type { Recipe } from '../../src/lib/contract/recipe.ts'

/** Characters of a prompt or an answer that can be found. */
const SEARCHABLE_LENGTH = 100_000

/** The text that a search matches, in lower case: the words alone, without field names and images. */
export function searchableText(source: Recipe | string): string {
  const text = typeof source === 'string' ? source : textOf(source)
  return text.slice(0, SEARCHABLE_LENGTH).toLowerCase()
}

const textOf = ({ model, prompt, system, messages = [] }: Recipe) =>
  [model, prompt, system, ...messages.map(({ content }) => content)].filter(Boolean).join('\n')

/** The SQL condition that selects runs containing the search text `?1`. */
export const MATCHES = "(?1 IS NULL OR instr(words, ?1) > 0 OR instr(coalesce(answer, ''), ?1) > 0)"

export const searchText = (q: string | undefined): string | null => q?.toLowerCase() ?? null
