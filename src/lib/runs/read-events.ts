import type { RunEvent } from '../contract/runs.ts'

/** The events of a run, grouped as they arrive, however the bytes were split. Half an event at the end is left out. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<RunEvent[]> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    // Data is JSON, so an empty line only stands between events.
    const frames = (rest + decoder.decode(value, { stream: !done })).split('\n\n')
    rest = frames.pop() ?? ''
    const events = frames.flatMap(eventOf)
    if (events.length > 0) yield events
    if (done) return
  }
}

/** A comment is none. */
function eventOf(frame: string): RunEvent[] {
  const [, seq, event, data = ''] = /^id: (\d+)\nevent: (\w+)\ndata: ([^]*)$/.exec(frame) ?? []
  return seq === undefined ? [] : [{ seq: Number(seq), event, data: JSON.parse(data) } as RunEvent]
}
