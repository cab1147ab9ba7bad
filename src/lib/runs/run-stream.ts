import { api, ApiError, streamOf } from '../api.ts'
import { END_NAMES, EVENTS_TYPE, type RunEvent } from '../contract/runs.ts'
import type { Recipe } from '../contract/recipe.ts'
import { readEvents } from './read-events.ts'

/** The run goes on in Porchlight while the page is disconnected, so retrying always makes sense. */
const BACKOFF_MS = [0, 300, 1000, 3000] as const
const LONGEST_BACKOFF_MS = 5000
/** The server sends a heartbeat at least every 10 s. A phone that has slept may hold a dead connection. */
const IDLE_TIMEOUT_MS = 25_000
/** The caller is signed out, the run is deleted, or the link has expired: retrying cannot help. */
const FINAL: readonly (number | null)[] = [401, 404, 410]

type Bytes = ReadableStream<Uint8Array>

/** Opens the events of a run that follow number `after`. */
export type OpenEvents = (after: number, signal: AbortSignal) => Promise<Bytes>

/** Opens the events of this run. A guest sends the headers of their session along; the owner’s browser sends its cookie. */
export const eventsOf =
  (id: string, headers: Record<string, string> = {}): OpenEvents =>
  async (after, signal) => {
    const call = { param: { id }, query: { after: String(after) } }
    return streamOf(await api.api.runs[':id'].events.$get(call, { headers, init: { signal } }))
  }

export interface StartedRun {
  id: string
  events: Bytes
}

/** The response to a request that starts a run and opens its events at once. */
export const startedRun = (response: Pick<Response, 'headers' | 'body'>): StartedRun => ({
  id: response.headers.get('Location')?.split('/').at(-1) ?? '',
  events: streamOf(response),
})

export async function startRun(recipe: Recipe, signal: AbortSignal): Promise<StartedRun> {
  const headers = { Accept: EVENTS_TYPE }
  return startedRun(await api.api.runs.$post({ json: recipe }, { headers, init: { signal } }))
}

/** The token probabilities of a run that has ended, as Ollama sent them. */
export async function logprobsOf(id: string): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const events of readEvents(await eventsOf(id)(0, new AbortController().signal)))
    for (const { event, data } of events) if (event === 'delta') all.push(...(data.logprobs ?? []))
  return all
}

interface Options {
  open: OpenEvents
  /** Aborts when the page no longer shows the run. */
  signal: AbortSignal
  /** Events that arrived together. */
  onEvents: (events: RunEvent[]) => void
  /** The connection is lost, or is back. */
  onConnection: (isLost: boolean) => void
  /** The number of the last event that the page knows. */
  after?: number
}

/** Follows one run to its end, over as many connections as it takes. */
export class RunStream {
  readonly #options: Options
  #after: number
  #failures = 0

  constructor(options: Options) {
    this.#options = options
    this.#after = options.after ?? 0
  }

  /** `events`: a connection that is already open. Throws `ApiError` when the run can no longer be read. */
  async follow(events?: Bytes): Promise<void> {
    const { signal, onConnection } = this.#options
    for (let open = events; !signal.aborted; open = undefined) {
      if (await this.#readToEnd(open)) return
      if (this.#failures > 0) onConnection(true)
      await backOff(BACKOFF_MS[this.#failures] ?? LONGEST_BACKOFF_MS, signal)
      this.#failures++
    }
  }

  /** Resolves with whether there is nothing more to read. */
  async #readToEnd(opened?: Bytes): Promise<boolean> {
    const { open, signal, onEvents, onConnection } = this.#options
    try {
      const bytes = opened ?? (await open(this.#after, signal))
      onConnection(false)
      for await (const events of readEvents(withIdleTimeout(bytes))) {
        if (signal.aborted) return true
        this.#failures = 0
        this.#after = events.at(-1)?.seq ?? this.#after
        onEvents(events)
        if (events.some(isEnd)) return true
      }
    } catch (error) {
      if (error instanceof ApiError && FINAL.includes(error.status)) throw error
    }
    return signal.aborted
  }
}

const isEnd = ({ event }: RunEvent) => END_NAMES.some((name) => name === event)

function withIdleTimeout(bytes: Bytes): Bytes {
  const idle = new AbortController()
  const start = () => setTimeout(() => idle.abort(), IDLE_TIMEOUT_MS)
  let timer = start()
  const watched = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, to) {
      clearTimeout(timer)
      timer = start()
      to.enqueue(chunk)
    },
    flush: () => clearTimeout(timer),
  })
  return bytes.pipeThrough(watched, { signal: idle.signal })
}

/** Ends early when the device is back online, when the person comes back to the page, and when the page is left. */
function backOff(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = new AbortController()
    const end = () => {
      clearTimeout(timer)
      over.abort()
      resolve()
    }
    const timer = setTimeout(end, ms)
    window.addEventListener('online', end, { signal: over.signal })
    document.addEventListener('visibilitychange', end, { signal: over.signal })
    signal.addEventListener('abort', end, { signal: over.signal })
  })
}
