/** A body fed by a generator, one chunk per read: nothing is read ahead, so nothing is lost when a later chunk fails. */
export function streamFrom(
  chunks: AsyncGenerator<Uint8Array>,
  onCancel: () => void = () => undefined,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(to) {
        const { done, value } = await chunks.next()
        if (done) to.close()
        else to.enqueue(value)
      },
      async cancel() {
        onCancel()
        await chunks.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
}
