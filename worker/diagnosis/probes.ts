import { connect } from 'cloudflare:sockets'
import type { Address, Answer, Socket } from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { evidenceOf, sendSurely, thrownBy, type Asking } from '../ollama/transport.ts'

/** Room for a list of some thousand models. */
const BODY_BYTES = 4 * 1024 * 1024

export interface Ask {
  (
    asking: Omit<Asking, 'signal'>,
    patienceMs: number,
    more?: { tries?: number; isLineEnough?: boolean },
  ): Promise<Answer>
}

/** What one check may cost its home and its caller: so many requests, until then (ms since 1970). */
export interface Budget {
  requests: number
  endsAt: number
}

/**
 * One check's way to ask its home. Never throws: what went wrong is the evidence. The patience covers headers and body,
 * `tries` counts connections that were lost at once.
 */
export function asker(config: Config, budget: Budget): Ask {
  let left = budget.requests
  return async (asking, patienceMs, { tries = 1, isLineEnough = false } = {}) => {
    const startedAt = Date.now()
    const patience = Math.min(patienceMs, budget.endsAt - startedAt)
    let more = tries
    const mayTry = () => more-- > 0 && left-- > 0
    if (patience <= 0 || !mayTry()) return NOT_ASKED
    try {
      const signal = AbortSignal.timeout(patience)
      const response = await sendSurely(config, { ...asking, signal }, mayTry)
      return await evidenceOf(response, startedAt, { bytes: BODY_BYTES, isLineEnough })
    } catch (error) {
      return thrownBy(error, Date.now() - startedAt)
    }
  }
}

/** No evidence: it is left out of what a check has seen. */
export const NOT_ASKED: Answer = {
  kind: 'thrown',
  error: 'other',
  text: 'not sent: this check has used up its requests',
  ms: 0,
}

const LISTEN_MS = 500
const OPEN_MS = 1500

/**
 * Opens a bare connection, with or without TLS, and listens before speaking: an end at once is a raw TCP tunnel whose far end
 * refuses, silence is a server that waits for a request. Recorded for frp, ssh -R and plain servers.
 */
export async function listen(
  { host, port }: Address,
  secureTransport: 'off' | 'on' = 'off',
): Promise<Socket> {
  let socket
  try {
    const options = { secureTransport, allowHalfOpen: false } as const
    socket = connect({ hostname: host.replace(/^\[|\]$/g, ''), port }, options)
    // Its rejection is the same news as that of `opened`; unhandled it would end the process.
    socket.closed.catch(() => undefined)
    const opened = await within(
      socket.opened.then(() => true),
      OPEN_MS,
    )
    return opened ? await firstWord(socket.readable as ReadableStream<Uint8Array>) : 'nobody'
  } catch {
    return 'nobody'
  } finally {
    void socket?.close().catch(() => undefined)
  }
}

async function firstWord(readable: ReadableStream<Uint8Array>): Promise<Socket> {
  const reader = readable.getReader()
  try {
    const first = await within(reader.read(), LISTEN_MS)
    if (first === null) return 'silent'
    return first.done ? 'closes' : 'speaks'
  } catch {
    return 'closes'
  } finally {
    void reader.cancel().catch(() => undefined)
  }
}

/** Whether anything at all can be reached: any answer will do, from an address that has nothing to do with the home. */
export async function probeControl(
  controlUrl: string,
  patienceMs: number,
): Promise<'answers' | 'silent'> {
  try {
    const signal = AbortSignal.timeout(patienceMs)
    const response = await fetch(controlUrl, { method: 'HEAD', redirect: 'manual', signal })
    await response.body?.cancel()
    return 'answers'
  } catch {
    return 'silent'
  }
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  let cancel = () => {}
  const late = new Promise<null>((resolve) => {
    const timer = setTimeout(() => resolve(null), ms)
    cancel = () => clearTimeout(timer)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    cancel()
  }
}
