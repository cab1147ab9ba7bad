import type { RunEventName, RunEvents } from '../../src/lib/contract/runs.ts'
import { every } from '../timers.ts'

/** A comment this often keeps a quiet line open; the contract promises 10 s. */
const BEAT_MS = 5000
/** Timers may be early by a little; a beat must not be missed for it. */
const EARLY_MS = 100
/** Bytes that are handed to a viewer at once. */
const MOST_AT_ONCE = 64 * 1024

const encoder = new TextEncoder()
const BEAT = ': still here\n\n'

/** A stretch of the log as it is kept: whole frames, up to and with number `last`. */
export interface Stretch {
  last: number
  frames: string
}

/** The events of one run, from number 1, as the bytes that every viewer gets. */
export class EventLog {
  #frames: Uint8Array[] = []
  #unkept: string[] = []
  #waiting = new Set<() => void>()
  #viewers = 0
  #stopBeat: (() => void) | null = null
  #isOver = false

  append<Name extends RunEventName>(event: Name, data: RunEvents[Name]) {
    const frame = `id: ${this.#frames.length + 1}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
    this.#frames.push(encoder.encode(frame))
    this.#unkept.push(frame)
    this.#wake()
  }

  /** Goes on after what a former life of the object has kept. */
  resume(stretches: readonly Stretch[]) {
    const kept = stretches.flatMap(({ frames }) => framesOf(frames))
    this.#frames.push(...kept.map((frame) => encoder.encode(frame)))
  }

  /** No event follows. */
  close() {
    this.#isOver = true
    this.#wake()
  }

  /** What has not been kept yet; it counts as kept from now on. */
  takeUnkept(): Stretch | null {
    if (this.#unkept.length === 0) return null
    const frames = this.#unkept.join('')
    this.#unkept = []
    return { last: this.#frames.length, frames }
  }

  /**
   * The events after number `after`, then those to come. Read at the viewer's pace: who is slow holds up nobody. At every
   * heartbeat `mayGoOn` is asked whether this viewer may still see them; if not, the stream ends without a word.
   */
  watch(after: number, mayGoOn: () => boolean): ReadableStream<Uint8Array> {
    let askedAt = Date.now()
    let next = Math.min(after, this.#frames.length)
    this.#join()
    const pull = async () => {
      if (next >= this.#frames.length && !this.#isOver)
        await new Promise<void>((wake) => this.#waiting.add(wake))
      if (Date.now() - askedAt >= BEAT_MS - EARLY_MS) {
        if (!mayGoOn()) return null
        askedAt = Date.now()
      }
      const bytes = this.#bytesFrom(next)
      next += bytes.count
      return bytes.count > 0 ? bytes.joined : this.#isOver ? null : encoder.encode(BEAT)
    }
    return bytesOf(pull, () => this.#part())
  }

  #bytesFrom(from: number) {
    const frames: Uint8Array[] = []
    for (let at = from, size = 0; at < this.#frames.length && size < MOST_AT_ONCE; at++) {
      const frame = this.#frames[at] ?? new Uint8Array()
      frames.push(frame)
      size += frame.byteLength
    }
    return { count: frames.length, joined: join(frames) }
  }

  #wake() {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }

  #join() {
    this.#viewers++
    this.#stopBeat ??= every(BEAT_MS, () => this.#wake())
  }

  #part() {
    if (--this.#viewers > 0) return
    this.#stopBeat?.()
    this.#stopBeat = null
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.byteLength
  }
  return joined
}

/** A stream that asks for bytes when somebody reads; `null` ends it. Only such a stream may leave the object. */
export function bytesOf(
  next: () => Promise<Uint8Array | null>,
  onEnd: () => void = () => undefined,
) {
  return new ReadableStream(
    {
      type: 'bytes',
      async pull(to) {
        const bytes = await next()
        if (bytes !== null) return to.enqueue(bytes)
        onEnd()
        to.close()
        to.byobRequest?.respond(0)
      },
      cancel: onEnd,
    },
    { highWaterMark: 0 },
  )
}

/** The same from what was kept: the events after number `after`, byte for byte as they were told. */
export function replay(stretches: readonly Stretch[], after: number): ReadableStream<Uint8Array> {
  const rest = stretches.filter(({ last }) => last > after).values()
  return bytesOf(async () => {
    const { value: stretch } = rest.next()
    return stretch ? encoder.encode(framesAfter(stretch, after).join('')) : null
  })
}

function framesAfter({ last, frames }: Stretch, after: number): string[] {
  const each = framesOf(frames)
  const first = last - each.length + 1
  return each.slice(Math.max(0, after - first + 1))
}

/** A frame holds no empty line but the one that ends it: its data is JSON. */
const framesOf = (frames: string) => frames.split(/(?<=\n\n)/)
