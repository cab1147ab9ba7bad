import type { Handle, HandleServerError } from '@sveltejs/kit'
import { PAGE_HEADERS } from '$lib/contract/headers'

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

/** What a page that the Worker renders must carry itself: the static ones have it from `_headers`. */
const SHARE_HEADERS = {
  ...PAGE_HEADERS,
  'Cache-Control': 'private, no-store',
  'X-Robots-Tag': 'noindex, nofollow, noarchive',
} as const

export const handle: Handle = async ({ event, resolve }) => {
  const response = await resolve(event)
  if (event.route.id !== '/s/[id]') return response
  for (const [name, value] of Object.entries(SHARE_HEADERS)) response.headers.set(name, value)
  const policy = response.headers.get('Content-Security-Policy')
  response.headers.set(
    'Content-Security-Policy',
    [policy, "frame-ancestors 'none'"].filter(Boolean).join('; '),
  )
  return response
}
