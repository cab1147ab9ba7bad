import type { Problem } from '../../src/lib/contract/problem.ts'
import type { Receipt, RunDetail, RunEvents } from '../../src/lib/contract/runs.ts'
import { Refusal } from './problem.ts'

/** What describes the home is the owner's: a guest is told that it failed, not how the home is built. */
function problemFor(problem: Problem): Problem {
  if (problem.code !== 'home') return problem
  return new Refusal('home', 'Their home did not answer, so nothing came of this run.', { type: '/help' }).problem
}

const receiptFor = (receipt: Receipt): Receipt => ({ ...receipt, digest: null, ollamaVersion: null, gpuShare: null })

/** A guest's own run. The recipe stays with the owner: the shared one may hold what is not shown. */
export function runForGuest(json: string): string {
  const { recipe, receipt, failure, ...run } = JSON.parse(json) as RunDetail
  return JSON.stringify({
    ...run,
    recipe: { model: recipe.model },
    receipt: receipt && receiptFor(receipt),
    failure: failure && problemFor(failure),
  })
}

const VIEWS = {
  done: ({ receipt }: RunEvents['done']) => ({ receipt: receiptFor(receipt) }),
  failed: ({ problem }: RunEvents['failed']) => ({ problem: problemFor(problem) }),
} as const

function frameFor(frame: string): string {
  return frame.replace(/^event: (done|failed)\ndata: (.*)$/m, (_, event: keyof typeof VIEWS, data: string) => {
    const told = JSON.parse(data) as never
    return `event: ${event}\ndata: ${JSON.stringify(VIEWS[event](told))}`
  })
}

/** The events of a guest's run, frame by frame. */
export function eventsForGuest(events: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  let rest = ''
  const view = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, to) {
      const frames = (rest + decoder.decode(bytes, { stream: true })).split('\n\n')
      rest = frames.pop() ?? ''
      const told = frames.map((frame) => `${frameFor(frame)}\n\n`).join('')
      if (told !== '') to.enqueue(encoder.encode(told))
    },
  })
  return events.pipeThrough(view)
}
