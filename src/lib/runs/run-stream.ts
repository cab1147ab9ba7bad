import { api } from '../api.ts'
import type { Problem } from '../contract/problem.ts'
import { END_NAMES, EVENTS_TYPE, type RunEvent } from '../contract/runs.ts'
import type { Recipe } from '../contract/recipe.ts'
import { readEvents } from './read-events.ts'

/** A line that comes back is worth waiting for: the run goes on meanwhile. ms. */
const WAITS_MS = [0, 300, 1000, 3000] as const
const LONGEST_WAIT_MS = 5000
/** The server says at least every 10 s that it is there. ms. */
const SILENCE_MS = 25_000

/** Porchlight has refused, or does not know the run. */
export class Refused extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

export interface Opened {
  id: string
  body: ReadableStream<Uint8Array>
}

/** Starts a run and watches it, in one request. Throws `Refused`, or what `fetch` throws. */
export async function openRun(recipe: Recipe, leave: AbortSignal): Promise<Opened> {
  const headers = { Accept: EVENTS_TYPE }
  const response = await api.api.runs.$post({ json: recipe }, { headers, init: { signal: leave } })
  const id = response.headers.get('location')?.split('/').at(-1)
  if (!response.ok || !response.body || id === undefined)
    throw new Refused((await response.json()) as Problem)
  return { id, body: response.body }
}

async function reopen(
  id: string,
  after: number,
  leave: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const asked = { param: { id }, query: { after: String(after) } }
  const response = await api.api.runs[':id'].events.$get(asked, { init: { signal: leave } })
  if (response.status === 404 || response.status === 401)
    throw new Refused((await response.json()) as Problem)
  if (!response.ok || !response.body) throw new Error(`our own server answered ${response.status}`)
  return response.body
}

/** What the home told of its tokens, from the log of a run that is over. */
export async function logprobsOf(id: string): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const events of readEvents(await reopen(id, 0, new AbortController().signal)))
    for (const { event, data } of events) if (event === 'delta') all.push(...(data.logprobs ?? []))
  return all
}

interface Following {
  id: string
  /** The stream that is open already. */
  body?: ReadableStream<Uint8Array>
  /** The number of the last event that is known. */
  after: number
  leave: AbortSignal
  onEvents: (events: RunEvent[]) => unknown
  /** The line is lost, or is back. */
  onLine: (isLost: boolean) => void
}

/** Follows a run to its end, over as many connections as it takes. Throws `Refused` when the run is not there any more. */
export async function follow({ id, body, after, leave, onEvents, onLine }: Following) {
  let known = after
  for (let failures = 0; !leave.aborted; failures++) {
    try {
      for await (const events of orSilence(body ?? (await reopen(id, known, leave)))) {
        failures = 0
        onLine(false)
        known = events.at(-1)?.seq ?? known
        onEvents(events)
        if (events.some(isEnd)) return
      }
    } catch (error) {
      if (error instanceof Refused) throw error
    }
    body = undefined
    if (failures > 0) onLine(true)
    await untilRetry(WAITS_MS[failures] ?? LONGEST_WAIT_MS, leave)
  }
}

const isEnd = ({ event }: RunEvent) => (END_NAMES as readonly string[]).includes(event)

/** A phone that has slept may hold a line that is long dead. */
function orSilence(body: ReadableStream<Uint8Array>): AsyncGenerator<RunEvent[]> {
  const silent = new AbortController()
  let timer = setTimeout(() => silent.abort(), SILENCE_MS)
  const heard = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, to) {
      clearTimeout(timer)
      timer = setTimeout(() => silent.abort(), SILENCE_MS)
      to.enqueue(bytes)
    },
    flush: () => clearTimeout(timer),
  })
  return readEvents(body.pipeThrough(heard, { signal: silent.signal }))
}

/** Waits, but not when the page is looked at again or its device is back online. */
function untilRetry(ms: number, leave: AbortSignal): Promise<void> {
  return new Promise((resume) => {
    const over = new AbortController()
    const go = () => {
      clearTimeout(timer)
      over.abort()
      resume()
    }
    const timer = setTimeout(go, ms)
    window.addEventListener('online', go, { signal: over.signal })
    document.addEventListener('visibilitychange', go, { signal: over.signal })
    leave.addEventListener('abort', go, { signal: over.signal })
  })
}
