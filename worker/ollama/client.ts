import { Ollama } from 'ollama/browser'
import type { Config } from '../config.ts'
import { HomeFailure } from './failure.ts'
import { guardedLines } from './lines.ts'
import { streamFrom } from './stream.ts'
import { evidenceOf, sendSurely, thrownBy, type Route } from './transport.ts'

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
 * one kind of failure (`HomeFailure`) with its evidence, streams that end only with `done`.
 */
export function ollamaAt(config: Config, patience: Patience, leave: AbortSignal): Ollama {
  const host = 'fault' in config.home ? 'http://none.invalid' : config.home.origin
  return new Ollama({ host, fetch: transport(config, patience, leave) })
}

function transport(config: Config, patience: Patience, leave: AbortSignal): typeof fetch {
  return async (input, init) => {
    const route = `${init?.method ?? 'GET'} ${new URL(String(input)).pathname}` as Route
    const startedAt = Date.now()
    const response = await sendPatiently(config, route, init, patience.firstMs, leave)
    if (!response.ok || !isJson(response))
      throw new HomeFailure(await evidenceOf(response, Date.now() - startedAt, EVIDENCE_BYTES))
    if (!response.body || !isNdjson(response)) return response
    return new Response(streamFrom(guardedLines(response.body, patience.idleMs)), response)
  }
}

async function sendPatiently(
  config: Config,
  route: Route,
  init: RequestInit | undefined,
  firstMs: number,
  leave: AbortSignal,
) {
  const startedAt = Date.now()
  // Only until the headers: a signal that fires later would end a healthy stream.
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new DOMException('no answer in time', 'TimeoutError')), firstMs)
  try {
    const body = typeof init?.body === 'string' ? { body: init.body } : {}
    return await sendSurely(config, { route, ...body, signal: AbortSignal.any([late.signal, leave]) }, TRIES)
  } catch (error) {
    throw new HomeFailure(thrownBy(error, Date.now() - startedAt))
  } finally {
    clearTimeout(timer)
  }
}

const contentType = (response: Response) => response.headers.get('content-type') ?? ''
const isNdjson = (response: Response) => contentType(response).includes('ndjson')
const isJson = (response: Response) => /\bjson\b|ndjson/.test(contentType(response))
