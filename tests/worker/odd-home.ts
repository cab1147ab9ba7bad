import type { TestProject } from 'vitest/node'
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

/**
 * A home that answers whatever bytes it is told to: each path of the control says what the next requests for a path get.
 * `PUT /<secret>?path=/api/tags&then=end|reset` with the raw answer as its body.
 */
export default async function setup({ provide }: TestProject) {
  const answers = new Map<string, { bytes: string; then: string }>()
  const server = createServer((socket) => converse(socket, answers))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  provide('odd', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return () => server.close()
}

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
      answers.set(url.searchParams.get('path') ?? '', { bytes, then: url.searchParams.get('then') ?? 'end' })
      socket.end(head('204 No Content', 0))
      return
    }
    const { bytes, then } = answers.get(url.pathname) ?? { bytes: head('404 Not Found', 0), then: 'end' }
    socket.write(bytes, 'latin1', () => (then === 'reset' ? socket.resetAndDestroy() : socket.end()))
  })
}

declare module 'vitest' {
  interface ProvidedContext {
    odd: string
  }
}
