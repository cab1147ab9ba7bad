/** One client connection: its requests in order, and the moment when the client disconnects. */
import type { Socket } from 'node:net'
import { Incoming } from './incoming.ts'
import type { Head } from './incoming.ts'
import { Reply } from './reply.ts'

export interface Exchange {
  head: Head
  path: string
  /** The number of requests on this connection, including this one. */
  turn: number
  left: AbortSignal
  reply: Reply
  readBody: () => Promise<Buffer>
  drop: () => void
}

export type Handle = (exchange: Exchange) => Promise<void>

const pathOf = (target: string): string =>
  target.replace(/^[a-z]+:\/\/[^/]*/i, '').split('?')[0] || '/'

async function serveOne(
  socket: Socket,
  incoming: Incoming,
  head: Head,
  turn: number,
  handle: Handle,
): Promise<boolean> {
  const leaving = new AbortController()
  const leave = () => leaving.abort()
  for (const event of ['end', 'close'] as const) socket.once(event, leave)
  if (!socket.readable) leave()
  const reply = new Reply(socket, head)
  const read: { body?: Promise<Buffer> } = {}
  const expects = head.headers.expect !== undefined
  const keeps = reply.keepsConnection
  // Go closes the connection if no handler read a body that the client announced and did not send.
  if (expects) reply.keepsConnection = false
  const readBody = () => {
    if (!read.body) reply.keepsConnection = keeps
    return (read.body ??= incoming.body(head))
  }
  await handle({
    head,
    path: pathOf(head.target),
    turn,
    left: leaving.signal,
    reply,
    readBody,
    drop: () => socket.destroy(),
  })
  if (!read.body && !expects) await readBody()
  for (const event of ['end', 'close'] as const) socket.off(event, leave)
  return reply.keepsConnection && socket.writable
}

export async function serveConnection(socket: Socket, handle: Handle): Promise<void> {
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  const incoming = new Incoming(socket)
  for (let turn = 1, open = true; open; turn++) {
    const arrival = await incoming.head()
    if (arrival === null) break
    if ('refusal' in arrival) {
      socket.write(arrival.refusal)
      break
    }
    open = await serveOne(socket, incoming, arrival.head, turn, handle)
  }
  socket.end()
}
