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
