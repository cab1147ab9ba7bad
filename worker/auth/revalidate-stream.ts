import { streamFrom } from '../http/stream.ts'
import type { Ports } from '../ports.ts'
import type { KnownCaller } from './caller.ts'
import type { Credential } from './credential.ts'
import { HttpProblem } from '../http/problem.ts'

/** A stream ends within twice this after its session, token or ticket has ended. ms. */
const LOOK_EVERY_MS = 5000

const noLonger = () =>
  new HttpProblem(
    'not_signed_in',
    'Your session or token is no longer valid. Sign in again, or create a new token.',
  )

/** Why somebody who may not ask any more is sent away; `undefined`: they may, or left by themselves. */
export const refusalIn = (left: AbortSignal): HttpProblem | undefined =>
  left.reason instanceof HttpProblem ? left.reason : undefined

/** Ends when whoever asked has left, or may not ask any more: also while they wait. `stop` when it is over. */
export function whileHere(
  ports: Pick<Ports, 'auth'>,
  { credential }: KnownCaller,
  left?: AbortSignal,
) {
  const over = new AbortController()
  const look = async (shown: Credential) =>
    // Home may not answer for a moment: only its own “nobody” ends an answer.
    void (
      (await ports.auth.identify(shown).catch(() => undefined)) === null && over.abort(noLonger())
    )
  const timer = setInterval(() => void (credential && look(credential)), LOOK_EVERY_MS)
  return {
    left: AbortSignal.any([over.signal, ...(left ? [left] : [])]),
    stop: () => clearInterval(timer),
  }
}

/** A long answer looks again whether whoever asked may still see it, and breaks off when not. */
export function whileKnown(ports: Ports, caller: KnownCaller, response: Response): Response {
  if (caller.credential === null || response.body === null) return response
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const { left, stop } = whileHere(ports, caller)
  const isOver = new Promise<null>((resolve) => left.addEventListener('abort', () => resolve(null)))
  const leave = () => {
    stop()
    void reader.cancel().catch(() => undefined)
  }
  return new Response(streamFrom(untilOver(reader, isOver, leave), leave), response)
}

async function* untilOver(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  isOver: Promise<null>,
  leave: () => void,
) {
  try {
    for (;;) {
      const next = await Promise.race([reader.read(), isOver])
      if (next === null || next.done) return
      yield next.value
    }
  } finally {
    leave()
  }
}
