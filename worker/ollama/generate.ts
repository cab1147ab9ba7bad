import type { GenerateRequest } from '../../src/lib/contract/generate.ts'
import { API_HEADERS } from '../access/headers.ts'
import type { Config } from '../config.ts'
import { ollamaAt } from './client.ts'
import { HomeFailure } from './failure.ts'
import { failureLine } from './failure-line.ts'
import { streamFrom } from './stream.ts'

/** A cold load on a slow disk is silent for minutes; Ollama itself gives up after five without progress. */
const PATIENCE = { firstMs: 15 * 60_000, idleMs: 5 * 60_000 } as const

/**
 * Runs one prompt at the home: Ollama's own lines as they come, or one object. Throws `HomeFailure` before the first byte;
 * later failures are a last line with `error`. When `viewer` leaves, the request at the home ends.
 */
export async function generate(config: Config, request: GenerateRequest, viewer: AbortSignal): Promise<Response> {
  const leave = new AbortController()
  viewer.addEventListener('abort', () => leave.abort(), { once: true })
  const ollama = ollamaAt(config, PATIENCE, leave.signal)
  const { model, prompt, system, options, stream } = request
  const asked = {
    model,
    prompt,
    ...(system === undefined ? {} : { system }),
    ...(options === undefined ? {} : { options }),
  }
  if (!stream) return Response.json(whole(await ollama.generate({ ...asked, stream: false })), { headers: API_HEADERS })
  const lines = await ollama.generate({ ...asked, stream: true })
  return new Response(
    streamFrom(encodedLines(lines, config, model), () => leave.abort()),
    {
      // Named as it is, and not to be changed: compression would hold the stream back.
      headers: { ...API_HEADERS, 'Cache-Control': 'no-store, no-transform', 'Content-Type': 'application/x-ndjson' },
    },
  )
}

function whole<Answer extends { done: boolean }>(answer: Answer): Answer {
  if (answer.done) return answer
  throw new HomeFailure({ kind: 'thrown', error: 'other', text: 'the answer is not complete', ms: 0 }, 'ended_early')
}

async function* encodedLines(lines: AsyncIterable<object>, config: Config, model: string): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  const encode = (line: object) => encoder.encode(`${JSON.stringify(line)}\n`)
  try {
    for await (const line of lines) yield encode(line)
  } catch (error) {
    yield encode(failureLine(error, config, model))
  }
}
