import type { RunEventName, RunEvents } from '../../src/lib/contract/runs.ts'
import { every } from '../timers.ts'
import { pullStream } from './pull-stream.ts'

/** A comment this often keeps an idle connection open; the contract promises one within 10 s. */
const HEARTBEAT_MS = 5000
/** A timer may fire slightly early, which must not skip a heartbeat. */
const TOLERANCE_MS = 100
const CHUNK_BYTES = 64 * 1024

const encoder = new TextEncoder()
const HEARTBEAT = ': still here\n\n'

/** Consecutive frames of the log as the database stores them; `last` is the number of the last one. */
export interface FrameBatch {
  last: number
  frames: string
}

/** The events of one run, numbered from 1, as the bytes that every viewer receives. */
export class EventLog {
  #frames: Uint8Array[] = []
  #unsaved: string[] = []
  #waiting = new Set<() => void>()
  #viewers = 0
  #stopHeartbeat: (() => void) | null = null
  #isClosed = false

  append<Name extends RunEventName>(event: Name, data: RunEvents[Name]) {
    const frame = `id: ${this.#frames.length + 1}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
    this.#frames.push(encoder.encode(frame))
    this.#unsaved.push(frame)
    this.#wake()
  }

  /** Continues after the frames that a previous instance of the object has saved. */
  resume(batches: readonly FrameBatch[]) {
    const saved = batches.flatMap(({ frames }) => splitFrames(frames))
    this.#frames.push(...saved.map((frame) => encoder.encode(frame)))
  }

  /** No event follows. */
  close() {
    this.#isClosed = true
    this.#wake()
  }

  /** The frames since the last call; the caller saves them. */
  takeUnsaved(): FrameBatch | null {
    if (this.#unsaved.length === 0) return null
    const frames = this.#unsaved.join('')
    this.#unsaved = []
    return { last: this.#frames.length, frames }
  }

  /**
   * The events after number `after`, past and future, at this viewer's own pace. The stream ends at the first heartbeat
   * at which `isStillValid` is false.
   */
  watch(after: number, isStillValid: () => boolean): ReadableStream<Uint8Array> {
    let validatedAt = Date.now()
    let next = Math.min(after, this.#frames.length)
    this.#addViewer()
    const pull = async () => {
      await this.#waitForFrame(next)
      if (Date.now() - validatedAt >= HEARTBEAT_MS - TOLERANCE_MS) {
        if (!isStillValid()) return null
        validatedAt = Date.now()
      }
      const frames = this.#chunkFrom(next)
      next += frames.length
      if (frames.length > 0) return join(frames)
      // A byte stream detaches the buffer, so every heartbeat needs a new one.
      return this.#isClosed ? null : encoder.encode(HEARTBEAT)
    }
    return pullStream(pull, () => this.#removeViewer())
  }

  /** Resolves at the next heartbeat at the latest. */
  async #waitForFrame(index: number) {
    if (index >= this.#frames.length && !this.#isClosed)
      await new Promise<void>((wake) => this.#waiting.add(wake))
  }

  #chunkFrom(index: number): Uint8Array[] {
    const chunk: Uint8Array[] = []
    let bytes = 0
    for (const frame of this.#frames.slice(index)) {
      if (bytes >= CHUNK_BYTES) break
      chunk.push(frame)
      bytes += frame.byteLength
    }
    return chunk
  }

  #wake() {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }

  #addViewer() {
    this.#viewers++
    this.#stopHeartbeat ??= every(HEARTBEAT_MS, () => this.#wake())
  }

  #removeViewer() {
    if (--this.#viewers > 0) return
    this.#stopHeartbeat?.()
    this.#stopHeartbeat = null
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((bytes, { byteLength }) => bytes + byteLength, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.byteLength
  }
  return joined
}

/** The same bytes from the database: the events after number `after`. */
export function replay(batches: readonly FrameBatch[], after: number): ReadableStream<Uint8Array> {
  const rest = batches.filter(({ last }) => last > after).values()
  return pullStream(() => {
    const { value: batch } = rest.next()
    return batch ? encoder.encode(framesAfter(batch, after).join('')) : null
  })
}

function framesAfter({ last, frames }: FrameBatch, after: number): string[] {
  const all = splitFrames(frames)
  const first = last - all.length + 1
  return all.slice(Math.max(0, after - first + 1))
}

/** Only the end of a frame is an empty line: its data is JSON. */
const splitFrames = (frames: string) => frames.split(/(?<=\n\n)/)
