import { LANES, type Lane } from '../../src/lib/contract/access.ts'
import type { QueueEntry } from '../../src/lib/contract/queue.ts'
import { iso } from '../time.ts'
import { after } from '../timers.ts'

/** Each lane has its own limit, so that guests cannot fill the owner's. */
const MAX_WAITING = { owner: 50, token: 50, guest: 5 } as const satisfies Record<Lane, number>
/** The owner probably continues soon, so guests wait this long after the owner's last request. */
const OWNER_PAUSE_MS = 30_000

export interface Entrant {
  lane: Lane
  /** `null` for a request that is not a run. */
  id: string | null
  /** The id of the API token that made the request. */
  token?: string | null
  model: string
  onSlot: () => void
  /** Place 1 is next. */
  onPlace?: (place: number) => void
  /** The owner takes the slot: the request at the home must end before this returns. */
  onPreempted?: () => void
}

type Entry = Entrant & { place: number; since: number }

/** Slots at the home: by lane, then first come, first served. Guests get one only while the owner is away. */
export class Queue {
  #atOnce: number
  #atHome: Entry[] = []
  #waiting: Entry[] = []
  #ownerLeftAt: number
  #cancelWake: (() => void) | null = null

  /** `ownerLeftAt`: when the owner's last request ended, in ms since 1970. */
  constructor(atOnce: number, ownerLeftAt = 0) {
    this.#atOnce = atOnce
    this.#ownerLeftAt = ownerLeftAt
  }

  get atOnce(): number {
    return this.#atOnce
  }

  /** A lower number does not end requests that are at the home. */
  set atOnce(count: number) {
    this.#atOnce = count
    this.#grantSlots()
  }

  isFull(lane: Lane): boolean {
    return this.#waiting.filter((other) => other.lane === lane).length >= MAX_WAITING[lane]
  }

  /** How many requests of a token are waiting or at the home. */
  countOf(token: string): number {
    return this.#entries().filter((entry) => entry.token === token).length
  }

  list(): QueueEntry[] {
    return this.#entries().map(({ id, lane, model, place, since }) => ({
      id,
      lane,
      model,
      place,
      since: iso(since),
    }))
  }

  /** May grant a slot before it returns. The returned function leaves the queue or gives the slot back. */
  enter(entrant: Entrant): () => void {
    const entry: Entry = { ...entrant, place: 0, since: Date.now() }
    const behind = this.#waiting.findIndex(({ lane }) => rankOf(lane) > rankOf(entry.lane))
    this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, entry)
    if (entry.lane === 'owner') this.#preemptGuests()
    this.#grantSlots()
    return () => this.#leave(entry)
  }

  #entries(): Entry[] {
    return [...this.#atHome, ...this.#waiting]
  }

  #preemptGuests() {
    const guests = this.#atHome.filter(isGuest)
    this.#atHome = this.#atHome.filter((other) => !isGuest(other))
    for (const { onPreempted } of guests) onPreempted?.()
  }

  #leave(entry: Entry) {
    if (!this.#entries().includes(entry)) return
    if (entry.lane === 'owner') this.#ownerLeftAt = Date.now()
    this.#atHome = this.#atHome.filter((other) => other !== entry)
    this.#waiting = this.#waiting.filter((other) => other !== entry)
    this.#grantSlots()
  }

  /** If the first entry cannot have a slot, no entry behind it can. */
  #grantSlots() {
    for (let next = this.#waiting[0]; next && this.#mayGo(next); next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#atHome.push(next)
      next.place = 0
      next.since = Date.now()
      next.onSlot()
    }
    this.#reportPlaces()
    this.#wakeAfterPause()
  }

  #mayGo(next: Entry): boolean {
    if (this.#atHome.length >= this.#atOnce) return false
    if (!isGuest(next)) return true
    return this.#atHome.every(({ lane }) => lane === 'token') && this.#pauseMs() <= 0
  }

  #pauseMs(): number {
    return this.#ownerLeftAt + OWNER_PAUSE_MS - Date.now()
  }

  #reportPlaces() {
    for (const [index, entry] of this.#waiting.entries()) {
      if (entry.place === index + 1) continue
      entry.place = index + 1
      entry.onPlace?.(entry.place)
    }
  }

  #wakeAfterPause() {
    this.#cancelWake?.()
    this.#cancelWake = null
    const [next] = this.#waiting
    const ms = this.#pauseMs()
    if (next && isGuest(next) && ms > 0) this.#cancelWake = after(ms, () => this.#grantSlots())
  }
}

const rankOf = (lane: Lane) => LANES.indexOf(lane)

const isGuest = ({ lane }: Entrant) => lane === 'guest'
