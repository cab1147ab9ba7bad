import type { Problem } from '../../src/lib/contract/problem.ts'
import type { Receipt, RunDetail, RunEventName, RunEvents } from '../../src/lib/contract/runs.ts'
import type { Show } from '../../src/lib/contract/shares.ts'
import { HttpProblem } from '../http/problem.ts'

/** What describes the home is the owner's: a guest is told that it failed, not how the home is built. */
function problemFor(problem: Problem): Problem {
  if (problem.code !== 'home') return problem
  return new HttpProblem('home', 'Their home did not answer, so this run failed.', {
    type: '/help',
  }).problem
}

/** `null`: the link tells no figures. */
const receiptFor = (receipt: Receipt | null, { stats }: Show): Receipt | null =>
  receipt && stats ? { ...receipt, digest: null, ollamaVersion: null, gpuShare: null } : null

/** A guest's own run. The recipe stays with the owner: the shared one may hold what is not shown, and so may its title. */
export function runForGuest(json: string, show: Show): string {
  const { id, state, lane, model, createdAt, endedAt, output, receipt, failure } = JSON.parse(
    json,
  ) as RunDetail
  return JSON.stringify({
    ...{ id, state, lane, model, createdAt, endedAt, recipe: { model } },
    output: show.thinking ? output : { ...output, thinking: '' },
    receipt: receiptFor(receipt, show),
    failure: failure && problemFor(failure),
  })
}

/** By the event's name, where a guest is told less. */
const VIEWS: { [Name in RunEventName]?: (data: RunEvents[Name], show: Show) => unknown } = {
  delta: ({ thinking, ...delta }, show) => (show.thinking ? { ...delta, thinking } : delta),
  done: ({ receipt }, show) => ({ receipt: receiptFor(receipt, show) }),
  failed: ({ problem }) => ({ problem: problemFor(problem) }),
}

/** Every number stays, so that a line that broke can be taken up again. */
function frameFor(frame: string, show: Show): string {
  // Some line ends of Unicode stand in JSON as they are: `[^]` is any of them.
  const [, head = '', event = '', data = ''] =
    /^(id: \d+\nevent: (\w+)\ndata: )([^]*)$/.exec(frame) ?? []
  const view = VIEWS[event as RunEventName] as ((data: unknown, show: Show) => unknown) | undefined
  return view ? head + JSON.stringify(view(JSON.parse(data), show)) : frame
}

/** The events of a guest's run, frame by frame. */
export function eventsForGuest(
  events: ReadableStream<Uint8Array>,
  show: Show,
): ReadableStream<Uint8Array> {
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  let rest = ''
  const view = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, to) {
      const frames = (rest + decoder.decode(bytes, { stream: true })).split('\n\n')
      rest = frames.pop() ?? ''
      const told = frames.map((frame) => `${frameFor(frame, show)}\n\n`).join('')
      if (told !== '') to.enqueue(encoder.encode(told))
    },
  })
  return events.pipeThrough(view)
}
