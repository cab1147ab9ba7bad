import { createParser, type EventSourceMessage } from 'eventsource-parser'
import type { Problem } from '../../src/lib/contract/problem.ts'
import type { Receipt, RunDetail, RunEventName, RunEvents } from '../../src/lib/contract/runs.ts'
import type { Show } from '../../src/lib/contract/shares.ts'
import { HttpProblem } from '../http/problem.ts'

/** Guests learn that the home failed, but nothing about how the home is built. */
function problemFor(problem: Problem): Problem {
  if (problem.code !== 'home') return problem
  return new HttpProblem('home', 'Their home did not answer, so this run failed.', {
    type: '/help',
  }).problem
}

/** `null` if the link hides the figures. */
const receiptFor = (receipt: Receipt | null, { stats }: Show): Receipt | null =>
  receipt && stats ? { ...receipt, digest: null, ollamaVersion: null, gpuShare: null } : null

/** A guest's own run, without its recipe and its title: both may contain what the link hides. */
export function runForGuest(json: string, show: Show): string {
  const { id, state, lane, model, createdAt, endedAt, output, receipt, failure } = JSON.parse(
    json,
  ) as RunDetail
  return JSON.stringify({
    id,
    state,
    lane,
    model,
    createdAt,
    endedAt,
    recipe: { model },
    output: show.thinking ? output : { ...output, thinking: '' },
    receipt: receiptFor(receipt, show),
    failure: failure && problemFor(failure),
  })
}

/** How guests see an event, by its name; they see the other events as they are. */
const VIEWS: { [Name in RunEventName]?: (data: RunEvents[Name], show: Show) => unknown } = {
  delta: ({ thinking, ...delta }, show) => (show.thinking ? { ...delta, thinking } : delta),
  done: ({ receipt }, show) => ({ receipt: receiptFor(receipt, show) }),
  failed: ({ problem }) => ({ problem: problemFor(problem) }),
}

function frameFor({ id = '', event = '', data }: EventSourceMessage, show: Show): string {
  const view = VIEWS[event as RunEventName] as ((data: unknown, show: Show) => unknown) | undefined
  const visible = view ? JSON.stringify(view(JSON.parse(data), show)) : data
  return `id: ${id}\nevent: ${event}\ndata: ${visible}\n\n`
}

/** The events of a guest's run. Each keeps its number, so that a guest can resume after a lost connection. */
export function eventsForGuest(
  events: ReadableStream<Uint8Array>,
  show: Show,
): ReadableStream<Uint8Array> {
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  let frames = ''
  const parser = createParser({
    onEvent: (event) => (frames += frameFor(event, show)),
    onComment: (comment) => (frames += `: ${comment}\n\n`),
  })
  const view = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, to) {
      parser.feed(decoder.decode(bytes, { stream: true }))
      // Events that arrived together leave together.
      if (frames !== '') to.enqueue(encoder.encode(frames))
      frames = ''
    },
  })
  return events.pipeThrough(view)
}
