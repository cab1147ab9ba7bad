import type { Answer, Thrown } from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'

/** Every request that may ever reach the home. No other request can be sent, whatever a caller asks for. */
const ROUTES = [
  'GET /',
  'GET /api/version',
  'GET /api/tags',
  'GET /api/ps',
  'POST /api/show',
  'POST /api/generate',
  'POST /api/chat',
  'POST /api/embed',
  // Only with ALLOW_MODEL_ADMIN. Never: create, push, blobs, the account's routes and Ollama's own /v1.
  'POST /api/pull',
  'POST /api/copy',
  'DELETE /api/delete',
] as const

export type Route = (typeof ROUTES)[number]

export interface HomeRequest {
  route: Route
  /** JSON text that we built from a schema. */
  body?: string
  /** Another address of the same home: `localhost` has two. */
  at?: string
  /** Sent only by the probe that recognises Ollama's own empty 403. */
  origin?: string
  signal?: AbortSignal
}

const SKIP_INTERSTITIALS = {
  'ngrok-skip-browser-warning': '1',
  'bypass-tunnel-reminder': '1',
  skip_zrok_interstitial: '1',
  'X-Pinggy-No-Screen': '1',
}

/** Sends one request to the home, with only our own headers, without following redirects. Throws what the runtime throws. */
export function send(
  config: Config,
  { route, body, at, origin, signal }: HomeRequest,
): Promise<Response> {
  if ('fault' in config.home) throw new Error('the home has no usable address')
  if (!ROUTES.includes(route)) throw new Error('this route of the home is not allowed')
  const headers: Record<string, string> = {
    Accept: 'application/json',
    // For caches that ignore the nonce in the URL.
    'Cache-Control': 'no-cache',
    'User-Agent': 'Porchlight/0.1',
    ...SKIP_INTERSTITIALS,
    ...config.credentials,
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(origin === undefined ? {} : { Origin: origin }),
  }
  const [method, path] = route.split(' ')
  config.onSend?.()
  // A proxy may answer a GET from its cache while the home is down. A new URL reaches the home.
  const nonce = method === 'GET' ? `?nonce=${crypto.randomUUID().slice(0, 8)}` : ''
  return fetch(`${at ?? config.home.origin}${path}${nonce}`, {
    method: method ?? 'GET',
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
  })
}

/** A request on a connection that the home has just closed fails faster than this. */
const STALE_WITHIN_MS = 250

/**
 * Like `send`, but repeats a request that is lost at once while `mayTry` allows it: a healthy home that closes idle
 * connections makes one request fail on each of them (verified with recordings, POST too), and there may be several.
 */
export async function sendWithRetry(
  config: Config,
  request: HomeRequest,
  mayTry: () => boolean,
): Promise<Response> {
  for (;;) {
    const startedAt = Date.now()
    try {
      return await send(config, request)
    } catch (error) {
      const ms = Date.now() - startedAt
      if (
        ms > STALE_WITHIN_MS ||
        request.signal?.aborted ||
        thrownBy(error, ms).error !== 'lost' ||
        !mayTry()
      )
        throw error
    }
  }
}

/**
 * The errors that a Worker can distinguish, the first match wins. The names are those of aborted requests (DOM standard),
 * the messages and `overloaded` come from workerd (src/workerd/jsg/util.c++).
 */
const ERRORS = [
  { error: 'timeout', name: /^(TimeoutError|AbortError)$/ },
  { error: 'lost', message: /Network connection lost/i },
  { error: 'overloaded', message: /internal error/i, overloaded: true },
  { error: 'internal', message: /internal error/i },
] as const satisfies readonly {
  error: Thrown['error']
  name?: RegExp
  message?: RegExp
  overloaded?: true
}[]

/** What `fetch` or a body's reader threw. `ms` is the time since the request was sent. */
export function thrownBy(thrown: unknown, ms: number): Thrown {
  const { name = '', message = '', overloaded = false } = (thrown ?? {}) as Partial<RuntimeError>
  const row = ERRORS.find(
    (one) =>
      (!('name' in one) || one.name.test(name)) &&
      (!('message' in one) || one.message.test(message)) &&
      (!('overloaded' in one) || overloaded),
  )
  const text = message.replace(/; reference = \w+/, '').slice(0, 200)
  return { kind: 'thrown', error: row?.error ?? 'other', text, ms }
}

interface RuntimeError {
  name: string
  message: string
  overloaded: boolean
}

const EVIDENCE_HEADERS = [
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

/** Where reading stops: at this many bytes, or at the end of the first line. */
export interface Limit {
  bytes: number
  isLineEnough?: boolean
}

/** A response as evidence: the headers that matter and the beginning of the body. */
export async function evidenceOf(
  response: Response,
  startedAt: number,
  limit: Limit,
): Promise<Answer> {
  const ms = Date.now() - startedAt
  const headers = Object.fromEntries(
    EVIDENCE_HEADERS.flatMap((name) => {
      const value = response.headers.get(name)
      return value === null ? [] : [[name, value]]
    }),
  )
  // The query of a login page's URL may contain a signed token.
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
  { bytes: maxBytes, isLineEnough = false }: Limit,
): Promise<{ body: string; cutAt?: number }> {
  if (!body) return { body: '' }
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (let bytes = 0; bytes < maxBytes;) {
    const { done, value } = await reader.read()
    if (done) return { body: text + decoder.decode() }
    bytes += value.byteLength
    text += decoder.decode(value, { stream: true })
    if (isLineEnough && text.includes('\n')) break
  }
  void reader.cancel().catch(() => undefined)
  const line = isLineEnough ? text.slice(0, text.indexOf('\n')) : ''
  return line === '' ? { body: text.slice(0, maxBytes), cutAt: maxBytes } : { body: line }
}

/** Allows this many attempts in total. The first one needs no permission. */
export function tries(count: number): () => boolean {
  let left = count - 1
  return () => left-- > 0
}
