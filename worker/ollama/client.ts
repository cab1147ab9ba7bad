import { Ollama } from 'ollama/browser'
import type { Config } from '../config.ts'
import { HomeFailure } from './failure.ts'
import { chunksOf, guardedLines, wholeObject } from './lines.ts'
import { streamFrom } from '../http/stream.ts'
import { evidenceOf, sendWithRetry, thrownBy, tries, type Route } from './transport.ts'

export interface Timeouts {
  /** Until the headers arrive. */
  firstMs: number
  /** Between two chunks of the body. */
  idleMs: number
}

const EVIDENCE_BYTES = 4096
/**
 * A request that is lost at once is repeated as often as a Worker has idle connections, because the home may have just closed
 * each of them. A request for text is repeated only once, because Ollama may have started on it.
 */
const ATTEMPTS = { query: 6, text: 2 } as const
const TEXT_ROUTES: readonly Route[] = ['POST /api/generate', 'POST /api/chat']

/**
 * Ollama's own client over our transport, which adds what the package lacks: timeouts, cancelling before the first byte, one
 * kind of error (`HomeFailure`) with its evidence, and answers that are complete or fail.
 */
export function ollamaAt(
  config: Config,
  timeouts: Timeouts,
  leave = new AbortController().signal,
): Ollama {
  const host = 'fault' in config.home ? 'http://none.invalid' : config.home.origin
  return new Ollama({ host, fetch: transport(config, timeouts, leave) })
}

function transport(config: Config, timeouts: Timeouts, leave: AbortSignal): typeof fetch {
  return async (input, init) => {
    const route =
      `${init?.method ?? 'GET'} ${new URL(input instanceof Request ? input.url : input).pathname}` as Route
    const body = typeof init?.body === 'string' ? init.body : undefined
    const startedAt = Date.now()
    const response = await sendWithTimeout(config, { route, body }, timeouts.firstMs, leave)
    if (response.ok && EMPTY_ROUTES.includes(route)) return emptyResponse(response, startedAt)
    if (!response.ok || !response.body) throw await failureFrom(response, startedAt)
    const { isObject, bytes } = await detectObject(
      response,
      response.body as ReadableStream<Uint8Array>,
      timeouts.idleMs,
    )
    if (!isObject) throw await failureFrom(new Response(bytes, response), startedAt)
    if (isStreamRequested(body))
      return new Response(streamFrom(guardedLines(bytes, timeouts.idleMs)), response)
    return Response.json(await wholeObject(bytes, timeouts.idleMs))
  }
}

/** These routes answer with an empty body. */
const EMPTY_ROUTES: readonly Route[] = ['POST /api/copy', 'DELETE /api/delete']

/** A page from a proxy is not an empty answer. */
async function emptyResponse(response: Response, startedAt: number): Promise<Response> {
  const answer = await evidenceOf(response, startedAt, { bytes: EVIDENCE_BYTES })
  if (answer.kind !== 'response' || answer.body !== '') throw new HomeFailure(answer)
  return new Response(null, response)
}

interface Outgoing {
  route: Route
  body: string | undefined
}

async function sendWithTimeout(
  config: Config,
  { route, body }: Outgoing,
  firstMs: number,
  leave: AbortSignal,
) {
  const startedAt = Date.now()
  // Only until the headers arrive: a later abort would end a healthy stream.
  const late = new AbortController()
  const timer = setTimeout(
    () => late.abort(new DOMException('no answer in time', 'TimeoutError')),
    firstMs,
  )
  try {
    const signal = AbortSignal.any([late.signal, leave])
    return await sendWithRetry(
      config,
      { route, signal, ...(body === undefined ? {} : { body }) },
      tries(ATTEMPTS[TEXT_ROUTES.includes(route) ? 'text' : 'query']),
    )
  } catch (error) {
    throw new HomeFailure(thrownBy(error, Date.now() - startedAt))
  } finally {
    clearTimeout(timer)
  }
}

/** The failure that a response stands for. Its body may be cut off as well. */
async function failureFrom(response: Response, startedAt: number): Promise<HomeFailure> {
  try {
    return new HomeFailure(await evidenceOf(response, startedAt, { bytes: EVIDENCE_BYTES }))
  } catch (error) {
    return new HomeFailure(thrownBy(error, Date.now() - startedAt))
  }
}

/** A proxy may change or drop the content type, so a body that starts like an object is read as one. */
async function detectObject(response: Response, body: ReadableStream<Uint8Array>, idleMs: number) {
  if (isJson(response)) return { isObject: true, bytes: body }
  const chunks = chunksOf(body, idleMs)
  const read: Uint8Array[] = []
  let begin = ''
  while (begin === '') {
    const next = await chunks.next()
    if (next.done === true) break
    read.push(next.value)
    begin = new TextDecoder().decode(next.value).trimStart()
  }
  return { isObject: begin.startsWith('{'), bytes: streamFrom(concatenated(read, chunks)) }
}

async function* concatenated(read: readonly Uint8Array[], rest: AsyncGenerator<Uint8Array>) {
  try {
    yield* read
    yield* rest
  } finally {
    // A reader that stops early has not reached `rest`, whose end closes the request.
    await rest.return(undefined)
  }
}

const isJson = (response: Response) =>
  /\bjson\b|ndjson/.test(response.headers.get('content-type') ?? '')
const isStreamRequested = (body: string | undefined) =>
  body !== undefined && (JSON.parse(body) as { stream?: unknown }).stream === true
