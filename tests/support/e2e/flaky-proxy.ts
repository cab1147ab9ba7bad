import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FlakyProxy {
  url: string
  /** Breaks every open stream of events, and answers the next requests for events with these statuses. */
  breakEvents: (statuses: number[]) => void
  /** Whether requests that start a run are passed on, but not answered. Chromium repeats such a request by itself. */
  loseStarts: (isLosing: boolean) => void
  stop: () => void
}

/** A proxy in front of a server, whose connections a test can break. */
export async function startFlakyProxy(target: string): Promise<FlakyProxy> {
  const streams = new Set<ServerResponse>()
  let failures: number[] = []
  let isLosing = false

  function relay(answer: IncomingMessage, response: ServerResponse) {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
    if (answer.headers['content-type'] !== 'text/event-stream') return
    streams.add(response)
    response.once('close', () => streams.delete(response))
  }

  const server = createServer((incoming, response) => {
    const { url = '', method, headers } = incoming
    const failure = url.includes('/events') ? failures.shift() : undefined
    if (failure !== undefined) return void response.writeHead(failure).end('no answer')
    const isLost = isLosing && method === 'POST' && url.endsWith('/runs')
    const outgoing = request(target + url, { method, headers }, (answer) =>
      isLost ? response.destroy() : relay(answer, response),
    )
    outgoing.once('error', () => response.destroy())
    response.once('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    breakEvents: (statuses) => {
      failures = statuses
      for (const stream of streams) stream.destroy()
    },
    loseStarts: (value) => (isLosing = value),
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
