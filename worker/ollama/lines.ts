import { errorText, type ReasonName } from '../../src/lib/diagnosis/index.ts'
import { HomeFailure } from './failure.ts'
import { thrownBy } from './transport.ts'

const failure = (reason: ReasonName, text: string, ms: number) =>
  new HomeFailure({ kind: 'thrown', error: 'other', text, ms }, reason)

/** In characters. The last line of `generate` contains every token of the prompt, which may be megabytes. */
const MAX_LINE_LENGTH = 16_000_000
/** In characters. An answer in one piece may hold a thousand long vectors. */
const MAX_ANSWER_LENGTH = 40_000_000

/**
 * The complete lines of a stream of JSON, however its bytes are split. Throws with a reason if a line is not JSON or contains
 * an error, if no line arrives for `idleMs` or a line never ends, if the connection breaks, and if the stream ends too early:
 * only `done: true` ends an answer, and only `success` a pull. Lines before the failure are yielded first.
 */
export async function* guardedLines(
  body: ReadableStream<Uint8Array>,
  idleMs: number,
): AsyncGenerator<Uint8Array> {
  const startedAt = Date.now()
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  let rest = ''
  let isDone = false
  let isBegun = false
  let lineAt = startedAt
  for await (const chunk of chunksOf(body, idleMs)) {
    // Only the new chunk is searched, because a line of megabytes arrives in many chunks.
    const [first = '', ...others] = decoder.decode(chunk, { stream: true }).split('\n')
    const lines = [rest + first, ...others]
    rest = lines.pop() ?? ''
    if (lines.length > 0) lineAt = Date.now()
    // A line that arrives byte by byte must not hold the stream open forever.
    if (Date.now() - lineAt > idleMs) throw failure('stalled', 'a line did not end in time', idleMs)
    if (rest.length > MAX_LINE_LENGTH)
      throw failure('broken_line', 'a line is too long', Date.now() - startedAt)
    for (const line of lines) {
      if (line.trim() === '') continue
      isDone = checkLine(line, startedAt, isBegun) || isDone
      isBegun = true
      yield encoder.encode(`${withoutNullError(line)}\n`)
    }
  }
  rest += decoder.decode()
  // An incomplete last line means a cut, not a broken line.
  if (parse(rest) !== null) {
    isDone = checkLine(rest, startedAt, isBegun) || isDone
    yield encoder.encode(`${withoutNullError(rest)}\n`)
  }
  if (!isDone)
    throw failure('ended_early', 'the stream ended before its last line', Date.now() - startedAt)
}

function checkLine(line: string, startedAt: number, isBegun: boolean): boolean {
  const value = parse(line)
  const ms = Date.now() - startedAt
  if (value === null) throw failure('broken_line', 'a line is not JSON', ms)
  if (isError(value))
    throw errorFailure(errorText(line) ?? 'an error without a message', isBegun, ms)
  return value.done === true || value.status === 'success'
}

/** Ollama's messages when a model's runner ends in the middle (llm/server.go, server/routes.go). */
const RUNNER_ENDED =
  /runner|running the model|unexpected EOF|llama-server|process|terminated|unexpectedly/i

function errorFailure(text: string, isBegun: boolean, ms: number): HomeFailure {
  if (!isBegun) return failure('error_in_stream', text, ms)
  return failure(RUNNER_ENDED.test(text) ? 'runner_died' : 'error_midway', text, ms)
}

const isError = ({ error }: { error?: unknown }) => error !== undefined && error !== null

/** The package treats any `error` field as an error, even null. */
function withoutNullError(line: string): string {
  const value = /"error"\s*:\s*null/.test(line) ? parse(line) : null
  if (value?.error !== null) return line
  const { error: _, ...rest } = value
  return JSON.stringify(rest)
}

/** The object of an answer that is not streamed. Throws with a reason if it is cut, not an object, or contains an error. */
export async function wholeObject(
  body: ReadableStream<Uint8Array>,
  idleMs: number,
): Promise<object> {
  const startedAt = Date.now()
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of chunksOf(body, idleMs)) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > MAX_ANSWER_LENGTH)
      throw failure('broken_line', 'an answer is too long', Date.now() - startedAt)
  }
  text += decoder.decode()
  const ms = Date.now() - startedAt
  const value = parse(text)
  if (value === null)
    throw failure(
      /^\s*(\{[^\n]*)?$/.test(text) ? 'ended_early' : 'broken_line',
      'not a complete object',
      ms,
    )
  if (isError(value))
    throw failure('error_in_stream', errorText(text) ?? 'an error without a message', ms)
  return value
}

function parse(line: string): { error?: unknown; done?: unknown; status?: unknown } | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

/** The chunks of a body. Throws if none arrives for `idleMs`, or if the connection breaks. */
export async function* chunksOf(
  body: ReadableStream<Uint8Array>,
  idleMs: number,
): AsyncGenerator<Uint8Array> {
  const startedAt = Date.now()
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await orStalled(reader.read(), idleMs)
      if (done) return
      yield value
    }
  } catch (error) {
    throw error instanceof HomeFailure
      ? error
      : new HomeFailure(thrownBy(error, Date.now() - startedAt), 'cut_midway')
  } finally {
    // When the caller stops reading, this also ends the request at the home.
    void reader.cancel().catch(() => undefined)
  }
}

async function orStalled<T>(promise: Promise<T>, idleMs: number): Promise<T> {
  let cancel = () => {}
  const stalled = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(failure('stalled', 'no data', idleMs)), idleMs)
    cancel = () => clearTimeout(timer)
  })
  try {
    return await Promise.race([promise, stalled])
  } finally {
    cancel()
  }
}
