import { streamFrom } from '../ollama/stream.ts'
import type { Ports } from '../ports.ts'
import type { KnownCaller } from './caller.ts'

/** A stream ends within twice this after its session, token or ticket has ended. ms. */
const LOOK_EVERY_MS = 5000

/** A long answer looks again whether whoever asked may still see it, and breaks off when not. */
export function whileKnown({ access }: Ports, { credential }: KnownCaller, response: Response): Response {
  if (credential === null || response.body === null) return response
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  let stop = () => {}
  const isOver = new Promise<null>((resolve) => {
    const look = async () => {
      if ((await access.identify(credential).catch(() => null)) === null) resolve(null)
    }
    const timer = setInterval(() => void look(), LOOK_EVERY_MS)
    stop = () => clearInterval(timer)
  })
  const leave = () => {
    stop()
    void reader.cancel().catch(() => undefined)
  }
  return new Response(streamFrom(untilOver(reader, isOver, leave), leave), response)
}

async function* untilOver(reader: ReadableStreamDefaultReader<Uint8Array>, isOver: Promise<null>, leave: () => void) {
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
