import { connect } from 'cloudflare:sockets'
import type { Address, Answer, Socket } from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { evidenceOf, sendWithRetry, thrownBy, type HomeRequest } from '../ollama/transport.ts'

/** Enough for a list of several thousand models. */
const BODY_BYTES = 4 * 1024 * 1024

export interface Ask {
  (
    request: Omit<HomeRequest, 'signal'>,
    timeoutMs: number,
    more?: { tries?: number; isLineEnough?: boolean },
  ): Promise<Answer>
}

/** The limits of one check: a number of requests, and an end (ms since 1970). */
export interface Budget {
  requests: number
  endsAt: number
}

/**
 * Sends the requests of one check. Never throws: a failure is evidence. The timeout covers headers and body; `tries` limits the
 * attempts on connections that are lost at once.
 */
export function asker(config: Config, budget: Budget): Ask {
  let left = budget.requests
  return async (request, timeoutMs, { tries = 1, isLineEnough = false } = {}) => {
    const startedAt = Date.now()
    const effectiveTimeoutMs = Math.min(timeoutMs, budget.endsAt - startedAt)
    let more = tries
    const mayTry = () => more-- > 0 && left-- > 0
    if (effectiveTimeoutMs <= 0 || !mayTry()) return NOT_SENT
    try {
      const signal = AbortSignal.timeout(effectiveTimeoutMs)
      const response = await sendWithRetry(config, { ...request, signal }, mayTry)
      return await evidenceOf(response, startedAt, { bytes: BODY_BYTES, isLineEnough })
    } catch (error) {
      return thrownBy(error, Date.now() - startedAt)
    }
  }
}

/** A request that was not sent. It is not evidence. */
export const NOT_SENT: Answer = {
  kind: 'thrown',
  error: 'other',
  text: 'not sent: this check has used up its requests',
  ms: 0,
}

const LISTEN_MS = 500
const OPEN_MS = 1500

/**
 * Opens a bare connection, with or without TLS, and listens before sending: an immediate end means a raw TCP tunnel whose far
 * end refuses, silence means a server that waits for a request. Verified with frp, ssh -R and plain servers.
 */
export async function listen(
  { host, port }: Address,
  secureTransport: 'off' | 'on' = 'off',
): Promise<Socket> {
  let socket
  try {
    const options = { secureTransport, allowHalfOpen: false } as const
    socket = connect({ hostname: host.replace(/^\[|\]$/g, ''), port }, options)
    // `opened` rejects for the same reason; an unhandled rejection would end the process.
    socket.closed.catch(() => undefined)
    const opened = await within(
      socket.opened.then(() => true),
      OPEN_MS,
    )
    return opened ? await firstData(socket.readable as ReadableStream<Uint8Array>) : 'nobody'
  } catch {
    return 'nobody'
  } finally {
    void socket?.close().catch(() => undefined)
  }
}

async function firstData(readable: ReadableStream<Uint8Array>): Promise<Socket> {
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

/** Whether an unrelated address can be reached. Any answer counts. */
export async function probeControl(
  controlUrl: string,
  timeoutMs: number,
): Promise<'answers' | 'silent'> {
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const response = await fetch(controlUrl, { method: 'HEAD', redirect: 'manual', signal })
    await response.body?.cancel()
    return 'answers'
  } catch {
    return 'silent'
  }
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  let cancel = () => {}
  const timeout = new Promise<null>((resolve) => {
    const timer = setTimeout(() => resolve(null), ms)
    cancel = () => clearTimeout(timer)
  })
  try {
    return await Promise.race([promise, timeout])
  } finally {
    cancel()
  }
}
