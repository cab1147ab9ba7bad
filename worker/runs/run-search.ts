import type { Recipe } from '../../src/lib/contract/recipe.ts'

/** Characters of a prompt, and of an answer, that a search looks at. */
const SEARCHED_LENGTH = 100_000

/** What a search finds of a recipe or an answer: the words alone, no field names and no images, in small letters. */
export function searchedIn(said: Recipe | string): string {
  const text = typeof said === 'string' ? said : wordsOf(said)
  return text.slice(0, SEARCHED_LENGTH).toLowerCase()
}

const wordsOf = ({ model, prompt, system, messages = [] }: Recipe) =>
  [model, prompt, system, ...messages.map(({ content }) => content)].filter(Boolean).join('\n')

/** The condition that leaves the runs with these words, as `?1`. */
export const FOUND = "(?1 IS NULL OR instr(words, ?1) > 0 OR instr(coalesce(answer, ''), ?1) > 0)"

export const wanted = (q: string | undefined): string | null => q?.toLowerCase() ?? null
