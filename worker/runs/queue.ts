import { LANES, type Lane } from '../../src/lib/contract/access.ts'
import type { QueueEntry } from '../../src/lib/contract/queue.ts'
import { after } from '../timers.ts'
import { iso } from '../time.ts'

/** So many of a lane may wait. Each has its own: guests cannot fill up the owner’s. */
const MOST_WAITING = { owner: 50, token: 50, guest: 5 } as const satisfies Record<Lane, number>
/** The owner is likely to go on: so long after their last turn no guest gets one. ms. */
const OWNER_PAUSE_MS = 30_000

export interface Entrant {
  lane: Lane
  /** `null`: a request that is no run. */
  id: string | null
  /** The API token that asks; `null`: none does. */
  token?: string | null
  model: string
  onTurn: () => void
  /** 1 for the next in line. */
  onPlace?: (place: number) => void
  /** The owner has come, and the turn is lost: the request at the home must end before this returns. */
  onEvicted?: () => void
}

type QueueSlot = Entrant & { place: number; since: number }

/** Who is at the home, and who is next: lane by lane, in each first come first served. Guests only while the owner is away. */
export class Queue {
  #atOnce: number
  #atHome: QueueSlot[] = []
  #waiting: QueueSlot[] = []
  #ownerLeftAt: number
  #cancelWake: (() => void) | null = null

  /** `ownerLeftAt`: when the owner last had a turn. ms since 1970. */
  constructor(atOnce: number, ownerLeftAt = 0) {
    this.#atOnce = atOnce
    this.#ownerLeftAt = ownerLeftAt
  }

  get atOnce(): number {
    return this.#atOnce
  }

  /** Who is at the home already stays there. */
  set atOnce(count: number) {
    this.#atOnce = count
    this.#admit()
  }

  isFull(lane: Lane): boolean {
    return this.#waiting.filter((other) => other.lane === lane).length >= MOST_WAITING[lane]
  }

  /** How many places a token has, waiting or not. */
  countOf(token: string): number {
    return [...this.#atHome, ...this.#waiting].filter((place) => place.token === token).length
  }

  list(): QueueEntry[] {
    return [...this.#atHome, ...this.#waiting].map(({ id, lane, model, place, since }) => ({
      ...{ id, lane, model, place },
      since: iso(since),
    }))
  }

  /** Its turn may come before this returns. Returns how to leave, waiting or not. */
  enter(entrant: Entrant): () => void {
    const mine = { ...entrant, place: 0, since: Date.now() }
    const behind = this.#waiting.findIndex(
      ({ lane }) => LANES.indexOf(lane) > LANES.indexOf(mine.lane),
    )
    this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, mine)
    if (mine.lane === 'owner') this.#evictGuests()
    this.#admit()
    return () => this.#leave(mine)
  }

  #evictGuests() {
    const guests = this.#atHome.filter(isGuest)
    this.#atHome = this.#atHome.filter((other) => !isGuest(other))
    for (const { onEvicted } of guests) onEvicted?.()
  }

  #leave(mine: QueueSlot) {
    const isKnown = this.#atHome.includes(mine) || this.#waiting.includes(mine)
    if (!isKnown) return
    if (mine.lane === 'owner') this.#ownerLeftAt = Date.now()
    this.#atHome = this.#atHome.filter((other) => other !== mine)
    this.#waiting = this.#waiting.filter((other) => other !== mine)
    this.#admit()
  }

  /** Only the first in line need be looked at: where it may not go, nobody behind it may. */
  #admit() {
    for (let next = this.#waiting[0]; next && this.#mayGo(next); next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#atHome.push(next)
      Object.assign(next, { place: 0, since: Date.now() })
      next.onTurn()
    }
    this.#tellPlaces()
    this.#wakeAfterPause()
  }

  #mayGo(next: QueueSlot): boolean {
    if (this.#atHome.length >= this.#atOnce) return false
    return (
      !isGuest(next) || (this.#atHome.every(({ lane }) => lane === 'token') && this.#pauseMs() <= 0)
    )
  }

  #pauseMs(): number {
    return this.#ownerLeftAt + OWNER_PAUSE_MS - Date.now()
  }

  #tellPlaces() {
    for (const [nth, waiting] of this.#waiting.entries()) {
      if (waiting.place === nth + 1) continue
      waiting.place = nth + 1
      waiting.onPlace?.(nth + 1)
    }
  }

  #wakeAfterPause() {
    this.#cancelWake?.()
    this.#cancelWake = null
    const [next] = this.#waiting
    const ms = this.#pauseMs()
    if (next && isGuest(next) && ms > 0) this.#cancelWake = after(ms, () => this.#admit())
  }
}

const isGuest = ({ lane }: Entrant) => lane === 'guest'
