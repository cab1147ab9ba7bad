import { Ollama } from 'ollama/browser'
import type { Config } from '../config.ts'
import { HomeFailure } from './failure.ts'
import { chunksOf, guardedLines, wholeObject } from './lines.ts'
import { streamFrom } from '../http/stream.ts'
import { evidenceOf, sendSurely, thrownBy, tries, type Route } from './transport.ts'

export interface Timeouts {
  /** ms until the headers must be there. */
  firstMs: number
  /** ms without a byte, once the answer has begun. */
  idleMs: number
}

const EVIDENCE_BYTES = 4096
/**
 * A question that was lost at once is asked again, as often as a Worker keeps connections: each may be one that the home has
 * just closed. A request for text is sent once more at most: it may have been begun.
 */
const TRIES = { question: 6, text: 2 } as const
const FOR_TEXT: readonly Route[] = ['POST /api/generate', 'POST /api/chat']

/**
 * Ollama's own client over our transport. What the package lacks is done here: patience, leaving before the first byte,
 * one kind of failure (`HomeFailure`) with its evidence, answers that are whole or not at all.
 */
export function ollamaAt(config: Config, patience: Timeouts, leave: AbortSignal): Ollama {
  const host = 'fault' in config.home ? 'http://none.invalid' : config.home.origin
  return new Ollama({ host, fetch: transport(config, patience, leave) })
}

function transport(config: Config, patience: Timeouts, leave: AbortSignal): typeof fetch {
  return async (input, init) => {
    const route = `${init?.method ?? 'GET'} ${new URL(String(input)).pathname}` as Route
    const body = typeof init?.body === 'string' ? init.body : undefined
    const startedAt = Date.now()
    const response = await sendPatiently(config, { route, body }, patience.firstMs, leave)
    if (response.ok && EMPTY_ANSWERS.includes(route)) return nothing(response, startedAt)
    if (!response.ok || !response.body) throw await refusal(response, startedAt)
    const { isObject, bytes } = await lookInto(response, response.body, patience.idleMs)
    if (!isObject) throw await refusal(new Response(bytes, response), startedAt)
    if (isStreamAsked(body))
      return new Response(streamFrom(guardedLines(bytes, patience.idleMs)), response)
    return Response.json(await wholeObject(bytes, patience.idleMs))
  }
}

/** They are done when nothing is said. */
const EMPTY_ANSWERS: readonly Route[] = ['POST /api/copy', 'DELETE /api/delete']

/** A page of something between us and Ollama is no such answer. */
async function nothing(response: Response, startedAt: number): Promise<Response> {
  const answer = await evidenceOf(response, startedAt, { bytes: EVIDENCE_BYTES })
  if (answer.kind !== 'response' || answer.body !== '') throw new HomeFailure(answer)
  return new Response(null, response)
}

interface Sending {
  route: Route
  body: string | undefined
}

async function sendPatiently(
  config: Config,
  { route, body }: Sending,
  firstMs: number,
  leave: AbortSignal,
) {
  const startedAt = Date.now()
  // Only until the headers: a signal that fires later would end a healthy stream.
  const late = new AbortController()
  const timer = setTimeout(
    () => late.abort(new DOMException('no answer in time', 'TimeoutError')),
    firstMs,
  )
  try {
    const signal = AbortSignal.any([late.signal, leave])
    return await sendSurely(
      config,
      { route, signal, ...(body === undefined ? {} : { body }) },
      tries(TRIES[FOR_TEXT.includes(route) ? 'text' : 'question']),
    )
  } catch (error) {
    throw new HomeFailure(thrownBy(error, Date.now() - startedAt))
  } finally {
    clearTimeout(timer)
  }
}

/** What came instead of an answer. Its body may be cut off, too. */
async function refusal(response: Response, startedAt: number): Promise<HomeFailure> {
  try {
    return new HomeFailure(await evidenceOf(response, startedAt, { bytes: EVIDENCE_BYTES }))
  } catch (error) {
    return new HomeFailure(thrownBy(error, Date.now() - startedAt))
  }
}

/** A proxy may write another type over an answer, or none: what begins as an object is read as one. */
async function lookInto(response: Response, body: ReadableStream<Uint8Array>, idleMs: number) {
  if (isJson(response)) return { isObject: true, bytes: body }
  const chunks = chunksOf(body, idleMs)
  const read: Uint8Array[] = []
  let begin = ''
  while (begin === '') {
    const { done, value } = await chunks.next()
    if (done) break
    read.push(value)
    begin = new TextDecoder().decode(value).trimStart()
  }
  return { isObject: begin.startsWith('{'), bytes: streamFrom(oneAfterTheOther(read, chunks)) }
}

async function* oneAfterTheOther(read: readonly Uint8Array[], rest: AsyncGenerator<Uint8Array>) {
  try {
    yield* read
    yield* rest
  } finally {
    // Whoever stops reading has not come to the rest, whose end ends the request.
    await rest.return(undefined)
  }
}

const isJson = (response: Response) =>
  /\bjson\b|ndjson/.test(response.headers.get('content-type') ?? '')
const isStreamAsked = (body: string | undefined) =>
  body !== undefined && (JSON.parse(body) as { stream?: unknown }).stream === true
