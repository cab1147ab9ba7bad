type Chunk = Uint8Array | null

/**
 * A byte stream that calls `next` whenever the reader wants more; `null` ends it. Only byte streams can leave a Durable
 * Object over RPC.
 */
export function pullStream(
  next: () => Chunk | Promise<Chunk>,
  onEnd: () => void = () => undefined,
): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      type: 'bytes',
      async pull(controller) {
        const bytes = await next()
        if (bytes !== null) return controller.enqueue(bytes)
        onEnd()
        controller.close()
        controller.byobRequest?.respond(0)
      },
      cancel: onEnd,
    },
    { highWaterMark: 0 },
  )
}
