import { error } from '@sveltejs/kit'
import { CAUSES, type Cause } from '$lib/diagnosis/causes'
import { explainCause } from '$lib/diagnosis/help'
import type { EntryGenerator, PageLoad } from './$types'

const isCause = (word: string): word is Cause => Object.hasOwn(CAUSES, word)

export const entries: EntryGenerator = () => Object.keys(CAUSES).map((cause) => ({ cause }))

export const load: PageLoad = ({ params: { cause } }) => {
  if (!isCause(cause)) error(404)
  return { explained: explainCause(cause) }
}
