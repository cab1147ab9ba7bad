import { hc } from 'hono/client'
import type { Api } from '../../worker/api.ts'

const NOT_SIGNED_IN = 401

let onRefused = () => {}

/** Whoever is told when the API no longer knows who asks. */
export function whenNotSignedIn(told: () => void) {
  onRefused = told
}

/** On plain http in the same network this header is all that shows our own page is asking (worker/auth/same-origin.ts). */
const headers = { 'X-Porchlight': 'page' }

async function ask(...asked: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(...asked)
  if (response.status === NOT_SIGNED_IN) onRefused()
  return response
}

/** The worker as typed functions: the single crossing between page and worker. */
export const api = hc<Api>('/', { headers, fetch: ask })
