import type { GenerateRequest } from '../../src/lib/contract/generate.ts'
import { API_HEADERS } from '../http/headers.ts'
import type { Config } from '../config.ts'
import { TIMEOUTS } from '../ollama/answer.ts'
import { ollamaAt } from '../ollama/client.ts'
import { HomeFailure } from '../ollama/failure.ts'
import { failureLine } from '../ollama/failure-line.ts'
import { LINES_TYPE, streamFrom, streamResponse } from '../http/stream.ts'

/**
 * Runs one prompt at the home. Returns Ollama's own lines as they arrive, or one object. Throws `HomeFailure` before the first
 * byte; a later failure is a last line with `error`. Aborting `client` ends the request at the home. `onEnd` is called when the
 * home is free again after an answer that has begun.
 */
export async function generate(
  config: Config,
  { stream, ...request }: GenerateRequest,
  client: AbortSignal,
  onEnd: () => void,
): Promise<Response> {
  const cancellation = new AbortController()
  const signal = AbortSignal.any([client, cancellation.signal])
  const ollama = ollamaAt(config, TIMEOUTS, signal)
  if (!stream) {
    const answer = complete(await ollama.generate({ ...request, stream: false }))
    onEnd()
    return Response.json(answer, { headers: API_HEADERS })
  }
  const lines = await ollama.generate({ ...request, stream: true })
  const encoded = encodedLines(lines, config, request.model, onEnd)
  return streamResponse(
    streamFrom(encoded, () => cancellation.abort()),
    LINES_TYPE,
  )
}

function complete<Answer extends { done: boolean }>(answer: Answer): Answer {
  if (answer.done) return answer
  throw new HomeFailure(
    { kind: 'thrown', error: 'other', text: 'the answer is incomplete', ms: 0 },
    'ended_early',
  )
}

async function* encodedLines(
  lines: AsyncIterable<object>,
  config: Config,
  model: string,
  onEnd: () => void,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  const encode = (line: object) => encoder.encode(`${JSON.stringify(line)}\n`)
  try {
    for await (const line of lines) yield encode(line)
  } catch (error) {
    yield encode(failureLine(error, config, model))
  } finally {
    onEnd()
  }
}
