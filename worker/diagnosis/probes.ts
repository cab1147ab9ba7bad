import { connect } from 'cloudflare:sockets'
import type { Address, Answer, Resolution, Socket } from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { evidenceOf, sendSurely, thrownBy, type Asking } from '../ollama/transport.ts'

/** Room for a list of some hundred models. */
const BODY_BYTES = 512 * 1024

/** Asks the home once. Never throws: what went wrong is the evidence. `patienceMs` covers headers and body, `tries` counts lost connections. */
export async function ask(
  config: Config,
  asking: Pick<Asking, 'route' | 'origin'>,
  patienceMs: number,
  tries = 1,
): Promise<Answer> {
  const startedAt = Date.now()
  try {
    const response = await sendSurely(config, { ...asking, signal: AbortSignal.timeout(patienceMs) }, tries)
    return await evidenceOf(response, Date.now() - startedAt, BODY_BYTES)
  } catch (error) {
    return thrownBy(error, Date.now() - startedAt)
  }
}

const LISTEN_MS = 500
const OPEN_MS = 1500

/**
 * Opens a bare connection and listens before speaking: an end at once is a raw TCP tunnel whose far end refuses, silence is
 * a server that waits for a request. Recorded for frp, ssh -R and plain servers.
 */
export async function listen({ host, port }: Address): Promise<Socket> {
  let socket
  try {
    socket = connect({ hostname: host.replace(/^\[|\]$/g, ''), port })
    // Its rejection is the same news as that of `opened`; unhandled it would end the process.
    socket.closed.catch(() => undefined)
    const opened = await within(
      socket.opened.then(() => true),
      OPEN_MS,
    )
    return opened ? await firstWord(socket.readable) : 'nobody'
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

const RECORD_TYPES = ['A', 'AAAA'] as const
const ADDRESS_TYPES = new Set([1, 28])

/** Asks a DNS-over-HTTPS resolver (JSON form). `null` when it cannot be reached or understood: that is no evidence. */
export async function resolve(dohUrl: string | null, host: string, patienceMs: number): Promise<Resolution | null> {
  if (dohUrl === null) return null
  const answers = await Promise.all(RECORD_TYPES.map((type) => askResolver(dohUrl, host, type, patienceMs)))
  const known = answers.filter((answer) => answer !== null)
  const [first] = known
  if (!first || known.length < RECORD_TYPES.length) return null
  const status = known.find((answer) => answer.status === 0)?.status ?? first.status
  return { status, addresses: known.flatMap(({ addresses }) => addresses) }
}

async function askResolver(dohUrl: string, name: string, type: string, patienceMs: number): Promise<Resolution | null> {
  try {
    const url = new URL(dohUrl)
    url.searchParams.set('name', name)
    url.searchParams.set('type', type)
    const response = await fetch(url, {
      headers: { Accept: 'application/dns-json' },
      signal: AbortSignal.timeout(patienceMs),
    })
    const { Status, Answer } = await response.json<{ Status?: unknown; Answer?: { type?: number; data?: string }[] }>()
    if (typeof Status !== 'number') return null
    const addresses = (Answer ?? []).flatMap(({ type: kind, data }) =>
      kind && ADDRESS_TYPES.has(kind) && data ? [data] : [],
    )
    return { status: Status, addresses }
  } catch {
    return null
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
