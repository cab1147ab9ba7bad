import type { HandleServerError } from '@sveltejs/kit'

const NOT_FOUND = 404

/** What a person asked for is nobody's business, so an address that leads nowhere is not logged, and a bug without its address. */
export const handleError: HandleServerError = ({ error, status, message }) => {
  if (status === NOT_FOUND) return { message }
  const id = crypto.randomUUID()
  const name = error instanceof Error ? error.name : typeof error
  // eslint-disable-next-line no-console -- the page’s own half of worker/log.ts, with the same fields
  console.error(JSON.stringify({ t: new Date().toISOString(), code: 'internal', id, error: name }))
  return { message }
}
