import { errorText, type ReasonName } from '../../src/lib/diagnosis/index.ts'
import { HomeFailure } from './failure.ts'
import { thrownBy } from './transport.ts'

const failure = (reason: ReasonName, text: string, ms: number) =>
  new HomeFailure({ kind: 'thrown', error: 'other', text, ms }, reason)

/** The longest line that is true: the last one of `generate` carries every token of the prompt, a megabyte of them. */
const MOST_IN_LINE = 16_000_000
/** An answer of one piece: a thousand long vectors. */
const MOST_IN_WHOLE = 40_000_000

/**
 * The whole lines of a stream of JSON, however its bytes were split. Fails with the reason when a line is not JSON or
 * carries an error, when no line comes for `idleMs` or one has no end, when the connection breaks, and when the stream ends before `done`:
 * only `done: true` ends an answer, and `success` a pull. What came before a failure is always handed out first.
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
    // Only what is new is searched: a line of megabytes comes in many pieces.
    const [first = '', ...others] = decoder.decode(chunk, { stream: true }).split('\n')
    const lines = [rest + first, ...others]
    rest = lines.pop() ?? ''
    if (lines.length > 0) lineAt = Date.now()
    // Bytes that come one by one are no answer either.
    if (Date.now() - lineAt > idleMs) throw failure('stalled', 'a line that does not end', idleMs)
    if (rest.length > MOST_IN_LINE)
      throw failure('broken_line', 'a line without end', Date.now() - startedAt)
    for (const line of lines) {
      if (line.trim() === '') continue
      isDone = checkLine(line, startedAt, isBegun) || isDone
      isBegun = true
      yield encoder.encode(`${withoutNoError(line)}\n`)
    }
  }
  rest += decoder.decode()
  // Half a line at the end is a cut, not a broken line.
  if (parse(rest) !== null) {
    isDone = checkLine(rest, startedAt, isBegun) || isDone
    yield encoder.encode(`${withoutNoError(rest)}\n`)
  }
  if (!isDone)
    throw failure('ended_early', 'the stream ended before its last line', Date.now() - startedAt)
}

function checkLine(line: string, startedAt: number, isBegun: boolean): boolean {
  const value = parse(line)
  const ms = Date.now() - startedAt
  if (value === null) throw failure('broken_line', 'a line that is not JSON', ms)
  if (isError(value)) throw errorFailure(errorText(line) ?? 'an error without words', isBegun, ms)
  return value.done === true || value.status === 'success'
}

/** Ollama's words when a model's runner ends in the middle (llm/server.go, server/routes.go). */
const RUNNER_ENDED =
  /runner|running the model|unexpected EOF|llama-server|process|terminated|unexpectedly/i

function errorFailure(text: string, isBegun: boolean, ms: number): HomeFailure {
  if (!isBegun) return failure('error_in_stream', text, ms)
  return failure(RUNNER_ENDED.test(text) ? 'runner_died' : 'error_midway', text, ms)
}

const isError = ({ error }: { error?: unknown }) => error !== undefined && error !== null

/** The package takes any `error` for one, also one that says that there is none. */
function withoutNoError(line: string): string {
  const value = /"error"\s*:\s*null/.test(line) ? parse(line) : null
  if (value?.error !== null || value === null) return line
  const { error: _, ...rest } = value
  return JSON.stringify(rest)
}

/** The one object of an answer that is not a stream. Fails with the reason when it is cut, is none or carries an error. */
export async function wholeObject(
  body: ReadableStream<Uint8Array>,
  idleMs: number,
): Promise<object> {
  const startedAt = Date.now()
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of chunksOf(body, idleMs)) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > MOST_IN_WHOLE)
      throw failure('broken_line', 'an answer without end', Date.now() - startedAt)
  }
  text += decoder.decode()
  const ms = Date.now() - startedAt
  const value = parse(text)
  if (value === null)
    throw failure(
      /^\s*(\{[^\n]*)?$/.test(text) ? 'ended_early' : 'broken_line',
      'not a whole object',
      ms,
    )
  if (isError(value))
    throw failure('error_in_stream', errorText(text) ?? 'an error without words', ms)
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

/** The bytes as they come. Fails when none come for `idleMs`, or the connection breaks. */
export async function* chunksOf(
  body: ReadableStream<Uint8Array>,
  idleMs: number,
): AsyncGenerator<Uint8Array> {
  const startedAt = Date.now()
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await orSilence(reader.read(), idleMs)
      if (done) return
      yield value
    }
  } catch (error) {
    throw error instanceof HomeFailure
      ? error
      : new HomeFailure(thrownBy(error, Date.now() - startedAt), 'cut_midway')
  } finally {
    // Whoever stops reading, for whatever reason, also ends the request at the home.
    void reader.cancel().catch(() => undefined)
  }
}

async function orSilence<T>(promise: Promise<T>, idleMs: number): Promise<T> {
  let cancel = () => {}
  const silence = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(failure('stalled', 'silence', idleMs)), idleMs)
    cancel = () => clearTimeout(timer)
  })
  try {
    return await Promise.race([promise, silence])
  } finally {
    cancel()
  }
}
