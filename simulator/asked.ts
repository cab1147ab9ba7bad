/** The requests that a home received, and how each ended. */
import type { Exchange } from './connection.ts'

export interface Asked {
  method: string
  path: string
  headers: Readonly<Record<string, string>>
  /** The first 64 KB. */
  body: string
  /** Milliseconds since 1970. */
  at: number
  endedBy: 'answered' | 'client_left' | null
  bytesSent: number
}

const BODY_LIMIT = 64 * 1024
const REMEMBERED = 10_000

export class Logbook {
  #entries: (() => Asked)[] = []

  entries(): Asked[] {
    return this.#entries.map((entry) => entry())
  }

  forget(): void {
    this.#entries = []
  }

  /** The exchange as the handler sees it, and the function to call when it ends. */
  open(exchange: Exchange): { exchange: Exchange; close: () => void } {
    const { head, reply, left } = exchange
    const at = Date.now()
    let body = ''
    let endedBy: Asked['endedBy'] = null
    const settle = (how: Asked['endedBy']) => (endedBy ??= how)
    left.addEventListener('abort', () => settle('client_left'))
    this.#entries.push(() => ({
      method: head.method,
      path: head.target,
      headers: head.headers,
      body,
      at,
      endedBy,
      bytesSent: reply.bytesSent,
    }))
    if (this.#entries.length > REMEMBERED) this.#entries.shift()
    const readBody = async () => {
      const bytes = await exchange.readBody()
      body = bytes.subarray(0, BODY_LIMIT).toString('utf8')
      return bytes
    }
    return { exchange: { ...exchange, readBody }, close: () => settle('answered') }
  }
}
