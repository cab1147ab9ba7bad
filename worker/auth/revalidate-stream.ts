import { HttpProblem } from '../http/problem.ts'
import { streamFrom } from '../http/stream.ts'
import type { Ports } from '../ports.ts'
import type { IdentifiedCaller } from './caller.ts'
import type { Credential } from './credential.ts'

/** A stream ends within twice this time after its credential stops being valid. */
const REVALIDATE_EVERY_MS = 5000

const noLongerValid = () =>
  new HttpProblem(
    'not_signed_in',
    'Your session or token is no longer valid. Sign in again, or create a new token.',
  )

/** The problem to answer with if the credential was revoked; `undefined` if the client disconnected, or nothing happened. */
export const revocationIn = (left: AbortSignal): HttpProblem | undefined =>
  left.reason instanceof HttpProblem ? left.reason : undefined

/** `left` aborts when the client disconnects or its credential is revoked. Call `stop` when the work is done. */
export function revalidatedSignal(
  ports: Pick<Ports, 'auth'>,
  { credential }: IdentifiedCaller,
  disconnected?: AbortSignal,
) {
  const revoked = new AbortController()
  const revalidate = async (current: Credential) => {
    // An error of the home’s object says nothing about the credential; only `null` revokes it.
    const identity = await ports.auth.identify(current).catch(() => undefined)
    if (identity === null) revoked.abort(noLongerValid())
  }
  const timer = setInterval(() => void (credential && revalidate(credential)), REVALIDATE_EVERY_MS)
  return {
    left: disconnected ? AbortSignal.any([revoked.signal, disconnected]) : revoked.signal,
    stop: () => clearInterval(timer),
  }
}

/** Ends a streamed response when the caller’s credential is revoked. */
export function revalidateStream(
  ports: Ports,
  caller: IdentifiedCaller,
  response: Response,
): Response {
  if (caller.credential === null || response.body === null) return response
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const { left, stop } = revalidatedSignal(ports, caller)
  const revoked = new Promise<null>((resolve) => {
    left.addEventListener('abort', () => resolve(null))
  })
  const close = () => {
    stop()
    void reader.cancel().catch(() => undefined)
  }
  return new Response(streamFrom(chunksUntil(revoked, reader, close), close), response)
}

async function* chunksUntil(
  revoked: Promise<null>,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  close: () => void,
) {
  try {
    for (;;) {
      const next = await Promise.race([reader.read(), revoked])
      if (next === null || next.done) return
      yield next.value
    }
  } finally {
    close()
  }
}
