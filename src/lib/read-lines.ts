/** The JSON lines of a body, grouped as they arrive. An incomplete line at the end is dropped. */
export async function* readLines<Line>(body: ReadableStream<Uint8Array>): AsyncGenerator<Line[]> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    const parts = (rest + decoder.decode(value, { stream: !done })).split('\n')
    rest = parts.pop() ?? ''
    const lines = parts.filter((part) => part.trim() !== '').map((part) => JSON.parse(part) as Line)
    if (lines.length > 0) yield lines
    if (done) return
  }
}
