import { createParser } from 'eventsource-parser'
import type { RunEvent } from '../contract/runs.ts'

/** The events of a run, grouped as they arrive: the page changes once per group. An incomplete event at the end is dropped. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<RunEvent[]> {
  let arrived: RunEvent[] = []
  const parser = createParser({
    onEvent: ({ id, event, data }) =>
      arrived.push({ seq: Number(id), event, data: JSON.parse(data) as unknown } as RunEvent),
  })
  const reader = body.getReader()
  const decoder = new TextDecoder()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    parser.feed(decoder.decode(value, { stream: true }))
    if (arrived.length > 0) yield arrived
    arrived = []
  }
}
