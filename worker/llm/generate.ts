import type { GenerateRequest } from '../../src/lib/contract/generate.ts'
import { API_HEADERS } from '../http/headers.ts'
import type { Config } from '../config.ts'
import { TIMEOUTS } from '../ollama/answer.ts'
import { ollamaAt } from '../ollama/client.ts'
import { HomeFailure } from '../ollama/failure.ts'
import { failureLine } from '../ollama/failure-line.ts'
import { LINES_TYPE, streamFrom, streamResponse } from '../http/stream.ts'

/**
 * Runs one prompt at the home: Ollama's own lines as they come, or one object. Throws `HomeFailure` before the first byte;
 * later failures are a last line with `error`. When `viewer` leaves, the request at the home ends. `onEnd` once the home is
 * free again after an answer that has begun.
 */
export async function generate(
  config: Config,
  request: GenerateRequest,
  viewer: AbortSignal,
  onEnd: () => void,
): Promise<Response> {
  const leave = new AbortController()
  if (viewer.aborted) leave.abort()
  viewer.addEventListener('abort', () => leave.abort(), { once: true })
  const ollama = ollamaAt(config, TIMEOUTS, leave.signal)
  const { model, prompt, system, options, stream } = request
  const asked = {
    model,
    prompt,
    ...(system === undefined ? {} : { system }),
    ...(options === undefined ? {} : { options }),
  }
  if (!stream) {
    const answer = whole(await ollama.generate({ ...asked, stream: false }))
    onEnd()
    return Response.json(answer, { headers: API_HEADERS })
  }
  const lines = await ollama.generate({ ...asked, stream: true })
  const body = streamFrom(encodedLines(lines, config, model, onEnd), () => leave.abort())
  return streamResponse(body, LINES_TYPE)
}

function whole<Answer extends { done: boolean }>(answer: Answer): Answer {
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
