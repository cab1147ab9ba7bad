import { readdirSync, readFileSync, existsSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HomeFailure } from './failure.ts'
import { guardedLines } from './lines.ts'
import { streamOf } from '../../tests/support/stream-of.ts'

const RECORDED = 'tests/recordings/ollama'
const IDLE_MS = 1000

const bytesOf = (text: string) => new TextEncoder().encode(text)
const isReadable = (line: string) => line.trim() !== ''

/** The body of a recorded response without its chunked framing, or `null` if it is not a stream of lines. */
function recordedLines(name: string): string | null {
  const file = `${RECORDED}/${name}/response.http`
  if (!existsSync(file)) return null
  const raw = readFileSync(file)
  const split = raw.indexOf('\r\n\r\n')
  const head = raw.subarray(0, split).toString()
  if (!/ 200 /.test(head) || !/x-ndjson/.test(head) || !/chunked/.test(head)) return null
  return dechunk(raw.subarray(split + 4))
}

function dechunk(body: Buffer): string {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length;) {
    const end = body.indexOf('\r\n', at)
    const length = parseInt(body.subarray(at, end).toString(), 16)
    if (!length) break
    parts.push(body.subarray(end + 2, end + 2 + length))
    at = end + 2 + length + 2
  }
  return Buffer.concat(parts).toString()
}

async function collect(chunks: Iterable<Uint8Array>) {
  const decoder = new TextDecoder()
  const lines: string[] = []
  try {
    for await (const line of guardedLines(streamOf(chunks), IDLE_MS))
      lines.push(decoder.decode(line))
    return { lines, reason: null }
  } catch (error) {
    if (!(error instanceof HomeFailure)) throw error
    return { lines, reason: error.reason }
  }
}

function cutAt(bytes: Uint8Array, cuts: number[]): Uint8Array[] {
  const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length]
  return edges.slice(1).map((end, index) => bytes.slice(edges[index], end))
}

const TOKENS = '{"response":"Grü","done":false}\n{"response":"ße 🏠","done":false}\n'
const DONE = '{"response":"","done":true,"done_reason":"stop"}\n'

describe('stream of lines', () => {
  const streams = readdirSync(RECORDED).flatMap((name) => {
    const text = recordedLines(name)
    return text === null ? [] : [[name, text] as const]
  })

  test('more than ten streams are recorded', () => expect(streams.length).toBeGreaterThan(10))

  test.each(streams)(
    'the recorded stream %s gives the same lines wherever its bytes are split',
    async (_name, text) => {
      const whole = await collect([bytesOf(text)])
      const bytes = bytesOf(text)
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(fc.nat(bytes.length), { maxLength: 40 }), async (cuts) => {
          expect(await collect(cutAt(bytes, cuts))).toEqual(whole)
        }),
        { numRuns: 15 },
      )
      const recorded = text.split('\n').filter(isReadable)
      expect(whole.lines.map((line) => line.trimEnd())).toEqual(
        recorded.filter((line) => !/^\{"error"/.test(line)),
      )
    },
  )

  test('a stream that arrives byte by byte gives the same lines', async () => {
    const bytes = bytesOf(TOKENS + DONE)
    expect(await collect([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(
      await collect([bytes]),
    )
  })

  test.each([
    [
      'an error line',
      `${TOKENS}{"error":"an error was encountered while running the model: unexpected EOF"}\n`,
      'runner_died',
    ],
    [
      'an error that is not of a runner',
      `${TOKENS}{"error":"monthly quota exceeded"}\n`,
      'error_midway',
    ],
    ['an end without done', TOKENS, 'ended_early'],
    ['half a line at the end', `${TOKENS}{"respon`, 'ended_early'],
    ['a line that is not JSON', `${TOKENS}<html>\n${DONE}`, 'broken_line'],
    ['nothing at all', '', 'ended_early'],
  ])('a stream with %s gives its lines and then the reason', async (_what, text, reason) => {
    const { lines, reason: actual } = await collect([bytesOf(text)])
    expect(actual).toBe(reason)
    expect(lines.join('')).toBe(text === '' ? '' : TOKENS)
  })

  test('the last line of a stream counts even without a line break', async () => {
    expect(await collect([bytesOf(TOKENS + DONE.trimEnd())])).toMatchObject({ reason: null })
  })

  test('silence in a stream is reported as a stall, and the body is released', async () => {
    let isReleased = false
    const body = new ReadableStream<Uint8Array>({
      start: (to) => to.enqueue(bytesOf(TOKENS)),
      cancel: () => {
        isReleased = true
      },
    })
    const reading = (async () => {
      for await (const line of guardedLines(body, 50)) expect(line.length).toBeGreaterThan(0)
    })()
    await expect(reading).rejects.toMatchObject({ reason: 'stalled' })
    expect(isReleased).toBe(true)
  })
})
