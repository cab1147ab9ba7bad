import type { Delta, RunEventName, RunEvents } from '../../src/lib/contract/runs.ts'
import type { Line } from '../ollama/answer.ts'
import { after } from '../timers.ts'
import { EventLog, type FrameBatch } from './event-log.ts'
import { addTo, emptyOutput } from './output.ts'

/** Lines that arrive closer together become one event: no screen shows more of them per second. */
const FLUSH_EVERY_MS = 16
/** Every write delays what the object sends after it until the write is on disk. */
const PERSIST_EVERY_MS = 250
/** A phase is persisted soon, but only after the text that began it has been sent. */
const PERSIST_PHASE_MS = 25

/** Records what happens in a run: flushes lines into the event log, and persists the log. */
export class RunRecorder {
  readonly log = new EventLog()
  readonly output = emptyOutput()
  /** Lines with output so far: about as many as tokens. */
  lines = 0
  readonly #save: (batch: FrameBatch) => void
  #delta: Delta | null = null
  #flushedAt = 0
  #cancelFlush: (() => void) | null = null
  #pendingPersist: { cancel: () => void; at: number } | null = null

  /** `saved`: the events of a previous instance of the object. */
  constructor(save: (batch: FrameBatch) => void, saved: readonly FrameBatch[]) {
    this.#save = save
    this.log.resume(saved)
  }

  addLine({ text, thinking, toolCalls, logprobs }: Line) {
    const delta = (this.#delta ??= { tokens: 0 })
    delta.tokens++
    this.lines++
    if (text) delta.text = (delta.text ?? '') + text
    if (thinking) delta.thinking = (delta.thinking ?? '') + thinking
    if (toolCalls?.length) delta.toolCalls = [...(delta.toolCalls ?? []), ...toolCalls]
    if (logprobs?.length) delta.logprobs = [...(delta.logprobs ?? []), ...logprobs]
    this.#flushSoon()
  }

  append<Name extends RunEventName>(event: Name, data: RunEvents[Name]) {
    this.flush()
    this.log.append(event, data)
    this.#persistWithin(PERSIST_PHASE_MS)
  }

  /** No event follows. */
  close() {
    this.log.close()
    this.#pendingPersist?.cancel()
    this.persist()
  }

  /** Appends the lines since the last flush to the log. */
  flush() {
    this.#cancelFlush?.()
    this.#cancelFlush = null
    if (this.#delta === null) return
    addTo(this.output, this.#delta)
    this.log.append('delta', this.#delta)
    this.#delta = null
    this.#flushedAt = Date.now()
    this.#persistWithin(PERSIST_EVERY_MS)
  }

  persist() {
    this.#pendingPersist = null
    const batch = this.log.takeUnsaved()
    if (batch) this.#save(batch)
  }

  #flushSoon() {
    const waitMs = this.#flushedAt + FLUSH_EVERY_MS - Date.now()
    if (waitMs <= 0) this.flush()
    else this.#cancelFlush ??= after(waitMs, () => this.flush())
  }

  #persistWithin(ms: number) {
    const at = Date.now() + ms
    if (this.#pendingPersist !== null && this.#pendingPersist.at <= at) return
    this.#pendingPersist?.cancel()
    this.#pendingPersist = { cancel: after(ms, () => this.persist()), at }
  }
}
