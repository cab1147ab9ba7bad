import type { Answer, Thrown } from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'

/** Every request that may ever reach the home. What is not here cannot be asked, whatever a caller sends. */
const ALLOWED = {
  'GET /': '/',
  'GET /api/version': '/api/version',
  'GET /api/tags': '/api/tags',
  'GET /api/ps': '/api/ps',
  'POST /api/show': '/api/show',
  'POST /api/generate': '/api/generate',
  'POST /api/chat': '/api/chat',
  'POST /api/embed': '/api/embed',
  // With ALLOW_MODEL_ADMIN alone. create, push, blobs, the account's routes and Ollama's own /v1: never.
  'POST /api/pull': '/api/pull',
  'POST /api/copy': '/api/copy',
  'DELETE /api/delete': '/api/delete',
} as const

export type Route = keyof typeof ALLOWED

export interface Asking {
  route: Route
  /** JSON text, built by us from a schema. */
  body?: string
  /** Another address of the same home, as `localhost` has two. */
  at?: string
  /** The one probe that proves Ollama's own refusal (design: the empty 403) sends an `Origin`. */
  origin?: string
  signal?: AbortSignal
}

const SKIP_INTERSTITIALS = {
  'ngrok-skip-browser-warning': '1',
  'bypass-tunnel-reminder': '1',
  skip_zrok_interstitial: '1',
  'X-Pinggy-No-Screen': '1',
}

/** Sends one request to the home: headers built from nothing, redirects never followed. Throws what the runtime throws. */
export function send(
  config: Config,
  { route, body, at, origin, signal }: Asking,
): Promise<Response> {
  if ('fault' in config.home) throw new Error('a home without a usable address was asked')
  if (!Object.hasOwn(ALLOWED, route))
    throw new Error('the home was to be asked what is not on the list')
  const headers: Record<string, string> = {
    Accept: 'application/json',
    // A cache that keeps answers although their address is new is asked to fetch one.
    'Cache-Control': 'no-cache',
    'User-Agent': 'Porchlight/0.1',
    ...SKIP_INTERSTITIALS,
    ...config.credentials,
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(origin === undefined ? {} : { Origin: origin }),
  }
  const method = route.slice(0, route.indexOf(' '))
  config.onSend?.()
  // A proxy may answer a GET from its cache while the home is down; a name that it has not seen reaches the home.
  const nonce = method === 'GET' ? `?nonce=${crypto.randomUUID().slice(0, 8)}` : ''
  return fetch(`${at ?? config.home.origin}${ALLOWED[route]}${nonce}`, {
    method,
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
  })
}

/** A connection that the home has just closed is lost within a moment, not after a wait. ms. */
const STALE_WITHIN_MS = 250

/**
 * The same, but a request that is lost at once is sent again while `mayTry`: a healthy home that closes kept
 * connections makes every request on such a connection fail once (recorded, POST too), and several may be kept.
 */
export async function sendSurely(
  config: Config,
  asking: Asking,
  mayTry: () => boolean,
): Promise<Response> {
  for (;;) {
    const startedAt = Date.now()
    try {
      return await send(config, asking)
    } catch (error) {
      const ms = Date.now() - startedAt
      if (
        ms > STALE_WITHIN_MS ||
        asking.signal?.aborted ||
        thrownBy(error, ms).error !== 'lost' ||
        !mayTry()
      )
        throw error
    }
  }
}

/** What `fetch` or a body's reader threw, in the few classes that a Worker can tell apart. `ms` since the request was sent. */
export function thrownBy(error: unknown, ms: number): Thrown {
  const {
    name = '',
    message = '',
    overloaded,
  } = (error ?? {}) as { name?: string; message?: string; overloaded?: boolean }
  const text = message.replace(/; reference = \w+/, '').slice(0, 200)
  const kind = (of: Thrown['error']): Thrown => ({ kind: 'thrown', error: of, text, ms })
  // `retryable` is set on time-outs too, so the name decides first.
  if (name === 'TimeoutError' || name === 'AbortError') return kind('timeout')
  if (/Network connection lost/i.test(message)) return kind('lost')
  if (/internal error/i.test(message)) return kind(overloaded ? 'overloaded' : 'internal')
  return kind('other')
}

const KEPT_HEADERS = [
  'server',
  'date',
  'content-type',
  'content-length',
  'location',
  'retry-after',
  'www-authenticate',
  'via',
  'age',
  'cf-ray',
  'cf-mitigated',
  'cf-cache-status',
  'x-cache',
  'x-cache-status',
  'cf-error-type',
  'cf-access-domain',
  'ngrok-error-code',
  'access-control-allow-origin',
  'x-content-type-options',
] as const

/** Where reading ends: at so many bytes, or with the first line. */
export interface Limit {
  bytes: number
  isLineEnough?: boolean
}

/** An answer as evidence: the headers that mean something and the beginning of the body. */
export async function evidenceOf(
  response: Response,
  startedAt: number,
  limit: Limit,
): Promise<Answer> {
  const ms = Date.now() - startedAt
  const headers = Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => {
      const value = response.headers.get(name)
      return value === null ? [] : [[name, value]]
    }),
  )
  // The query of a login page's address may carry a signed token.
  if (headers.location) headers.location = headers.location.replace(/[?#].*$/s, '')
  const read = await readUpTo(response.body, limit)
  return {
    kind: 'response',
    status: response.status,
    headers,
    ms,
    wholeMs: Date.now() - startedAt,
    ...read,
  }
}

async function readUpTo(
  body: ReadableStream<Uint8Array> | null,
  { bytes: most, isLineEnough = false }: Limit,
): Promise<{ body: string; cutAt?: number }> {
  if (!body) return { body: '' }
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (let bytes = 0; bytes < most;) {
    const { done, value } = await reader.read()
    if (done) return { body: text + decoder.decode() }
    bytes += value.byteLength
    text += decoder.decode(value, { stream: true })
    if (isLineEnough && text.includes('\n')) break
  }
  void reader.cancel().catch(() => undefined)
  const line = isLineEnough ? text.slice(0, text.indexOf('\n')) : ''
  return line === '' ? { body: text.slice(0, most), cutAt: most } : { body: line }
}

/** So many sends in all: the first one and what may follow a lost one. */
export function tries(count: number): () => boolean {
  let left = count - 1
  return () => left-- > 0
}
