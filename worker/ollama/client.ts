import { Ollama } from 'ollama/browser'
import type { Config } from '../config.ts'
import { HomeFailure } from './failure.ts'
import { guardedLines, wholeObject } from './lines.ts'
import { streamFrom } from './stream.ts'
import { evidenceOf, sendSurely, thrownBy, tries, type Route } from './transport.ts'

export interface Patience {
  /** ms until the headers must be there. */
  firstMs: number
  /** ms without a byte, once the answer has begun. */
  idleMs: number
}

const EVIDENCE_BYTES = 4096
/** As many connections as a Worker keeps at once. */
const TRIES = 6

/**
 * Ollama's own client over our transport. What the package lacks is done here: patience, leaving before the first byte,
 * one kind of failure (`HomeFailure`) with its evidence, answers that are whole or not at all.
 */
export function ollamaAt(config: Config, patience: Patience, leave: AbortSignal): Ollama {
  const host = 'fault' in config.home ? 'http://none.invalid' : config.home.origin
  return new Ollama({ host, fetch: transport(config, patience, leave) })
}

function transport(config: Config, patience: Patience, leave: AbortSignal): typeof fetch {
  return async (input, init) => {
    const route = `${init?.method ?? 'GET'} ${new URL(String(input)).pathname}` as Route
    const body = typeof init?.body === 'string' ? init.body : undefined
    const startedAt = Date.now()
    const response = await sendPatiently(config, { route, body }, patience.firstMs, leave)
    if (response.ok && EMPTY_ANSWERS.includes(route)) return nothing(response, startedAt)
    if (!response.ok || !isJson(response) || !response.body) throw await refusal(response, startedAt)
    if (isStreamAsked(body)) return new Response(streamFrom(guardedLines(response.body, patience.idleMs)), response)
    return Response.json(await wholeObject(response.body, patience.idleMs))
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

async function sendPatiently(config: Config, { route, body }: Sending, firstMs: number, leave: AbortSignal) {
  const startedAt = Date.now()
  // Only until the headers: a signal that fires later would end a healthy stream.
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new DOMException('no answer in time', 'TimeoutError')), firstMs)
  try {
    const signal = AbortSignal.any([late.signal, leave])
    return await sendSurely(config, { route, signal, ...(body === undefined ? {} : { body }) }, tries(TRIES))
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

const isJson = (response: Response) => /\bjson\b|ndjson/.test(response.headers.get('content-type') ?? '')
const isStreamAsked = (body: string | undefined) =>
  body !== undefined && (JSON.parse(body) as { stream?: unknown }).stream === true
