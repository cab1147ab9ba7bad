import type { Handle, HandleServerError } from '@sveltejs/kit'
import { PAGE_HEADERS } from '$lib/contract/headers'

const NOT_FOUND = 404

/** Addresses are private, so a 404 is not logged, and an error is logged without its address. */
export const handleError: HandleServerError = ({ error, status, message }) => {
  if (status === NOT_FOUND) return { message }
  const id = crypto.randomUUID()
  const name = error instanceof Error ? error.name : typeof error
  // eslint-disable-next-line no-console -- the counterpart of worker/log.ts for pages, with the same fields
  console.error(JSON.stringify({ t: new Date().toISOString(), code: 'internal', id, error: name }))
  return { message }
}

/** Static pages get their headers from `_headers`; the Worker renders this page itself. */
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
