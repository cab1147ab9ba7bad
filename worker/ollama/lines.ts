import { errorText, type ReasonName } from '../../src/lib/diagnosis/index.ts'
import { HomeFailure } from './failure.ts'
import { thrownBy } from './transport.ts'

const failure = (reason: ReasonName, text: string, ms: number) =>
  new HomeFailure({ kind: 'thrown', error: 'other', text, ms }, reason)

/**
 * The whole lines of a stream of JSON, however its bytes were split. Fails with the reason when a line is not JSON or
 * carries an error, when nothing comes for `idleMs`, when the connection breaks, and when the stream ends before `done`:
 * only `done: true` ends an answer. What came before a failure is always handed out first.
 */
export async function* guardedLines(body: ReadableStream<Uint8Array>, idleMs: number): AsyncGenerator<Uint8Array> {
  const startedAt = Date.now()
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  let rest = ''
  let isDone = false
  for await (const chunk of chunksOf(body, idleMs)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line.trim() === '') continue
      isDone = checkLine(line, startedAt) || isDone
      yield encoder.encode(`${line}\n`)
    }
  }
  rest += decoder.decode()
  // Half a line at the end is a cut, not a broken line.
  if (parse(rest) !== null) {
    isDone = checkLine(rest, startedAt) || isDone
    yield encoder.encode(`${rest}\n`)
  }
  if (!isDone) throw failure('ended_early', 'the stream ended before its last line', Date.now() - startedAt)
}

function checkLine(line: string, startedAt: number): boolean {
  const value = parse(line)
  if (value === null) throw failure('broken_line', 'a line that is not JSON', Date.now() - startedAt)
  if (value.error !== undefined)
    throw failure('runner_died', errorText(line) ?? 'an error without words', Date.now() - startedAt)
  return value.done === true
}

function parse(line: string): { error?: unknown; done?: unknown } | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? value : null
  } catch {
    return null
  }
}

async function* chunksOf(body: ReadableStream<Uint8Array>, idleMs: number): AsyncGenerator<Uint8Array> {
  const startedAt = Date.now()
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await orSilence(reader.read(), idleMs)
      if (done) return
      yield value
    }
  } catch (error) {
    throw error instanceof HomeFailure ? error : new HomeFailure(thrownBy(error, Date.now() - startedAt), 'cut_midway')
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
