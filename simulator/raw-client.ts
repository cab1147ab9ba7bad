/** Sends bytes to a home and parses its answers; for tests. */
import { connect } from 'node:net'
import type { Socket } from 'node:net'

export interface RawAnswer {
  statusLine: string
  headers: [string, string][]
  body: string
  /** The data of each chunk, or null where the answer was not chunked. */
  chunks: string[] | null
  complete: boolean
}

interface Framed {
  body: Buffer
  chunks: Buffer[] | null
  end: number
  complete: boolean
}

function chunked(bytes: Buffer, from: number): Framed {
  const chunks: Buffer[] = []
  for (let at = from; ;) {
    const line = bytes.indexOf('\r\n', at)
    const size = line < 0 ? Number.NaN : Number.parseInt(bytes.toString('latin1', at, line), 16)
    const end = line + 2 + size + 2
    if (Number.isNaN(size) || end > bytes.length)
      return { body: Buffer.concat(chunks), chunks, end: bytes.length, complete: false }
    if (size === 0) return { body: Buffer.concat(chunks), chunks, end, complete: true }
    chunks.push(bytes.subarray(line + 2, line + 2 + size))
    at = end
  }
}

function framed(
  bytes: Buffer,
  from: number,
  headers: [string, string][],
  bodyless: boolean,
  closed: boolean,
): Framed {
  const value = (name: string) => headers.find(([key]) => key.toLowerCase() === name)?.[1]
  if (bodyless) return { body: Buffer.alloc(0), chunks: null, end: from, complete: true }
  if (value('transfer-encoding') === 'chunked') return chunked(bytes, from)
  const length = value('content-length')
  const end = length === undefined ? bytes.length : Math.min(bytes.length, from + Number(length))
  const complete = length === undefined ? closed : end === from + Number(length)
  return { body: bytes.subarray(from, end), chunks: null, end, complete }
}

/** The answers in a sequence of bytes; the last one may be incomplete. */
export function parseAnswers(bytes: Buffer, method: string, closed: boolean): RawAnswer[] {
  const answers: RawAnswer[] = []
  for (let at = 0; at < bytes.length;) {
    const head = bytes.indexOf('\r\n\r\n', at)
    if (head < 0) break
    const [statusLine = '', ...lines] = bytes.toString('latin1', at, head).split('\r\n')
    const headers = lines.map((line): [string, string] => [
      line.split(':')[0] ?? '',
      line.slice(line.indexOf(':') + 1).trim(),
    ])
    const bodyless = method === 'HEAD' || /^HTTP\/1\.\d (1\d\d|204|304) /.test(statusLine)
    const { body, chunks, end, complete } = framed(bytes, head + 4, headers, bodyless, closed)
    answers.push({
      statusLine,
      headers,
      body: body.toString('utf8'),
      chunks: chunks?.map(String) ?? null,
      complete,
    })
    at = end
  }
  return answers
}

export interface Received {
  bytes: Buffer
  closedBy: 'server' | 'reset' | 'nobody' | 'refused'
}

export interface SendOptions {
  /** Whether enough has arrived. */
  until?: (bytes: Buffer) => boolean
  withinMs?: number
}

export function portOf(url: string): number {
  return Number(new URL(url).port)
}

/** Sends bytes and collects the answer until it is enough, the server closes, or the timeout expires. */
export function sendRaw(
  url: string,
  bytes: Buffer | string,
  { until = () => false, withinMs = 2000 }: SendOptions = {},
): Promise<Received> {
  return new Promise((resolve) => {
    const socket: Socket = connect(portOf(url), '127.0.0.1')
    let received = Buffer.alloc(0)
    const finish = (closedBy: Received['closedBy']) => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ bytes: received, closedBy })
    }
    const timer = setTimeout(() => finish('nobody'), withinMs)
    socket.on('connect', () => bytes.length > 0 && socket.write(bytes))
    socket.on('error', (error: NodeJS.ErrnoException) =>
      finish(error.code === 'ECONNREFUSED' ? 'refused' : 'reset'),
    )
    socket.on('end', () => finish('server'))
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (until(received)) finish('nobody')
    })
  })
}
