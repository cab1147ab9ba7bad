import type { TestProject } from 'vitest/node'
import { createServer, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { AddressInfo } from 'node:net'

/** The behaviour after the bytes. `bomb`: a compressed body that expands to endless blanks. */
const AFTER = {
  end: (socket: Socket) => socket.end(),
  reset: (socket: Socket) => socket.resetAndDestroy(),
  endless: (socket: Socket) => void Readable.from(forever('a'.repeat(65_536))).pipe(socket),
  bomb: (socket: Socket) =>
    void Readable.from(forever('{' + ' '.repeat(1_048_576)))
      .pipe(createGzip())
      .pipe(socket),
  drip: (socket: Socket) => {
    const timer = setInterval(() => socket.write(' '), 50)
    socket.on('close', () => clearInterval(timer))
  },
} as const satisfies Record<string, (socket: Socket) => void>

function* forever(text: string) {
  for (;;) yield text
}

/**
 * A home that answers with any bytes. `PUT /?path=/api/tags&then=<what follows>` sets the raw response for a path. `GET
 * /open` returns the number of open responses, `GET /asked` the number of requests for text.
 */
export default async function setup({ provide }: TestProject) {
  const answers = new Map<string, { bytes: string; then: string }>()
  const server = createServer((socket) => converse(socket, answers))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  provide('odd', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return () => server.close()
}

const open = new Set<Socket>()
let asked = 0

const head = (status: string, length: number) =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`

function converse(socket: Socket, answers: Map<string, { bytes: string; then: string }>) {
  socket.on('error', () => socket.destroy())
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    const end = text.indexOf('\r\n\r\n')
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
    if (end < 0 || text.length < end + 4 + length) return
    const [method = '', target = ''] = text.split(' ')
    const url = new URL(target, 'http://odd')
    if (method === 'PUT') {
      const bytes = text.slice(end + 4)
      answers.set(url.searchParams.get('path') ?? '', {
        bytes,
        then: url.searchParams.get('then') ?? 'end',
      })
      socket.end(head('204 No Content', 0))
      return
    }
    if (url.pathname === '/open') {
      socket.end(`${head('200 OK', String(open.size).length)}${open.size}`)
      return
    }
    if (url.pathname === '/asked') {
      socket.end(`${head('200 OK', String(asked).length)}${asked}`)
      return
    }
    if (url.pathname === '/api/generate') asked++
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    const { bytes, then } = answers.get(url.pathname) ?? {
      bytes: head('404 Not Found', 0),
      then: 'end',
    }
    socket.write(bytes, 'latin1', () => AFTER[then as keyof typeof AFTER](socket))
  })
}

declare module 'vitest' {
  interface ProvidedContext {
    odd: string
  }
}
