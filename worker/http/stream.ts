import { API_HEADERS } from './headers.ts'

export const LINES_TYPE = 'application/x-ndjson'

/** A streamed response. `no-transform`, because compression would hold the stream back. */
export const streamResponse = (
  body: ReadableStream<Uint8Array>,
  type: string,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
) =>
  new Response(body, {
    status,
    headers: {
      ...API_HEADERS,
      'Cache-Control': 'no-store, no-transform',
      'Content-Type': type,
      ...headers,
    },
  })

/** A stream from a generator. It never reads ahead, so a client receives every chunk before one that fails. */
export function streamFrom(
  chunks: AsyncGenerator<Uint8Array>,
  onCancel: () => void = () => undefined,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(to) {
        const next = await chunks.next()
        if (next.done) to.close()
        else to.enqueue(next.value)
      },
      async cancel() {
        onCancel()
        await chunks.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
}
