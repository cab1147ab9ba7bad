/** Writes one answer. Ollama's are framed as Go frames them; all others are sent as recorded. */
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { httpDate } from './durations.ts'
import { encode } from './go-json.ts'
import type { Head } from './incoming.ts'

export type HeaderLines = readonly (readonly [string, string])[]

export interface Answer {
  status: number
  reason?: string
  headers: HeaderLines
  body: string
}

export const JSON_TYPE = 'application/json; charset=utf-8'

/** Go holds back up to 2 KB; an answer that ends sooner gets a Content-Length. */
const GO_BUFFER = 2048
const BODYLESS = [204, 304] as const satisfies readonly number[]

const chunk = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])

export class Reply {
  /** Headers that Go's middlewares set before the handler runs. */
  readonly common = new Map<string, string[]>()
  bytesSent = 0
  keepsConnection: boolean
  readonly #socket: Socket
  readonly #head: Head
  #streaming = false

  constructor(socket: Socket, head: Head) {
    this.#socket = socket
    this.#head = head
    this.keepsConnection = !head.http10 && !/\bclose\b/i.test(head.headers.connection ?? '')
  }

  write(bytes: Buffer | string): void {
    if (!this.#socket.writable) return
    this.#socket.write(bytes)
    this.bytesSent += Buffer.byteLength(bytes)
  }

  #start(status: number, lines: HeaderLines, reason = STATUS_CODES[status] ?? ''): string {
    const version = this.#head.http10 ? '1.0' : '1.1'
    return [
      `HTTP/${version} ${status} ${reason}`,
      ...lines.map(([name, value]) => `${name}: ${value}`),
      '',
      '',
    ].join('\r\n')
  }

  /** An answer of a program between the client and Ollama, header for header. */
  foreign(answer: Answer): void {
    const has = (wanted: string) => answer.headers.some(([name]) => name.toLowerCase() === wanted)
    const length: HeaderLines = has('content-length')
      ? []
      : [['Content-Length', String(Buffer.byteLength(answer.body))]]
    const start = this.#start(answer.status, [...answer.headers, ...length], answer.reason)
    if (answer.headers.some(([name, value]) => /^connection$/i.test(name) && /close/i.test(value)))
      this.keepsConnection = false
    this.write(this.#head.method === 'HEAD' ? start : start + answer.body)
  }

  #goLines(headers: Readonly<Record<string, string>>, framing: HeaderLines): HeaderLines {
    const all = new Map<string, readonly string[]>(this.common)
    for (const [name, value] of Object.entries(headers)) all.set(name, [value])
    const lines = [...all.keys()]
      .sort()
      .flatMap((name) => (all.get(name) ?? []).map((value) => [name, value] as const))
    const last: HeaderLines =
      this.keepsConnection || this.#head.http10 ? [] : [['Connection', 'close']]
    return [...lines, ['Date', httpDate()], ...framing, ...last]
  }

  go(status: number, headers: Readonly<Record<string, string>>, body: string): void {
    const bytes = Buffer.from(body)
    const bodyless = this.#head.method === 'HEAD' || BODYLESS.some((code) => code === status)
    const short = bytes.length <= GO_BUFFER
    const chunked = !short && !bodyless && !this.#head.http10
    const framing = chunked
      ? 'Transfer-Encoding: chunked'
      : short && status !== 204
        ? `Content-Length: ${bytes.length}`
        : ''
    const [name, value] = framing.split(': ')
    const start = this.#start(status, this.#goLines(headers, name && value ? [[name, value]] : []))
    if (bodyless) return this.write(start)
    this.write(
      chunked
        ? Buffer.concat([Buffer.from(start), chunk(bytes), Buffer.from('0\r\n\r\n')])
        : start + body,
    )
  }

  json(status: number, value: unknown): void {
    this.go(status, { 'Content-Type': JSON_TYPE }, encode(value))
  }

  error(status: number, error: string): void {
    this.json(status, { error })
  }

  /** The first part of a stream brings the headers: Ollama sends nothing before its first line. */
  part(text: string, contentType: string, status = 200, split = false): void {
    if (!this.#streaming) this.#begin(contentType, status)
    const bytes = Buffer.from(text)
    const pieces = split ? Array.from(bytes, (byte) => Buffer.from([byte])) : [bytes]
    for (const piece of pieces) this.write(this.#head.http10 ? piece : chunk(piece))
  }

  #begin(contentType: string, status: number): void {
    this.#streaming = true
    const framing: HeaderLines = this.#head.http10 ? [] : [['Transfer-Encoding', 'chunked']]
    this.write(this.#start(status, this.#goLines({ 'Content-Type': contentType }, framing)))
  }

  /** Writes between these two calls leave in one packet. */
  hold(): void {
    this.#socket.cork()
  }

  release(): void {
    this.#socket.uncork()
  }

  /** Resolves when the client has read enough of the output. */
  async drained(): Promise<void> {
    if (!this.#socket.writableNeedDrain) return
    await new Promise<void>((resolve) => {
      const over = () => {
        this.#socket.off('drain', over).off('close', over)
        resolve()
      }
      this.#socket.on('drain', over).on('close', over)
    })
  }

  endStream(): void {
    if (!this.#head.http10) this.write('0\r\n\r\n')
  }

  cut(): void {
    this.keepsConnection = false
    this.#socket.end()
  }

  reset(): void {
    this.keepsConnection = false
    this.#socket.resetAndDestroy()
  }
}
