/** Reads requests off a socket the way Go's server does, byte by byte where it matters. */
import type { Socket } from 'node:net'

export interface Head {
  method: string
  target: string
  http10: boolean
  headers: Readonly<Record<string, string>>
}

export type Arrival = { head: Head } | { refusal: string } | null

const HEAD_LIMIT = 1 << 20

function refusalOf(reason: string): string {
  return `HTTP/1.1 ${reason}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${reason}`
}

function parseHeaders(lines: readonly string[]): Record<string, string> | null {
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const [, name, value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)$/.exec(line) ?? []
    if (name === undefined) return null
    const key = name.toLowerCase()
    headers[key] = key in headers ? `${headers[key]}, ${value.trim()}` : value.trim()
  }
  return headers
}

export class Incoming {
  readonly #socket: Socket
  #bytes: Buffer = Buffer.alloc(0)
  #ended = false
  #wake: () => void = () => undefined

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
      this.#wake()
    })
    for (const event of ['end', 'close', 'error'] as const) socket.on(event, () => this.#finish())
  }

  #finish(): void {
    this.#ended = true
    this.#wake()
  }

  async #more(): Promise<boolean> {
    if (this.#ended) return false
    await new Promise<void>((resolve) => (this.#wake = resolve))
    return true
  }

  #take(count: number): Buffer {
    const taken = this.#bytes.subarray(0, count)
    this.#bytes = this.#bytes.subarray(count)
    return taken
  }

  async #through(marker: string): Promise<string | null> {
    for (;;) {
      const at = this.#bytes.indexOf(marker)
      if (at >= 0) return this.#take(at + marker.length).toString('latin1')
      if (this.#bytes.length > HEAD_LIMIT || !(await this.#more())) return null
    }
  }

  async #exactly(count: number): Promise<Buffer> {
    while (this.#bytes.length < count && (await this.#more()));
    return this.#take(count)
  }

  async #headerLines(): Promise<string[] | null> {
    const lines: string[] = []
    for (;;) {
      const line = (await this.#through('\n'))?.replace(/\r?\n$/, '')
      if (line === undefined) return null
      if (line === '') return lines
      lines.push(line)
    }
  }

  /** Go answers a bad first line at once, without waiting for the rest of the head. */
  async head(): Promise<Arrival> {
    const first = await this.#through('\n')
    if (first === null) return null
    const [, method, target, major, minor] = /^(\S+) (\S+) HTTP\/(\d)\.(\d)\r?\n$/.exec(first) ?? []
    if (method === undefined || target === undefined)
      return { refusal: refusalOf('400 Bad Request') }
    if (major !== '1')
      return {
        refusal: `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nDate: ${new Date().toUTCString()}\r\nContent-Length: 0\r\n\r\n`,
      }
    const lines = await this.#headerLines()
    if (lines === null) return null
    const headers = parseHeaders(lines)
    if (headers === null) return { refusal: refusalOf('400 Bad Request') }
    const http10 = minor === '0'
    if (!http10 && headers.host === undefined)
      return { refusal: refusalOf('400 Bad Request: missing required Host header') }
    return { head: { method, target, http10, headers } }
  }

  async body(head: Head): Promise<Buffer> {
    if (head.headers['transfer-encoding']?.toLowerCase() === 'chunked') return this.#chunked()
    const length = Number(head.headers['content-length'] ?? 0)
    if (head.headers.expect?.toLowerCase() === '100-continue' && length > 0)
      this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n')
    return length > 0 ? this.#exactly(length) : Buffer.alloc(0)
  }

  async #chunked(): Promise<Buffer> {
    const parts: Buffer[] = []
    for (;;) {
      const size = Number.parseInt((await this.#through('\r\n')) ?? '0', 16)
      if (!size) break
      parts.push(await this.#exactly(size))
      await this.#through('\r\n')
    }
    await this.#headerLines()
    return Buffer.concat(parts)
  }
}
