interface Waiting {
  onTurn: () => void
  onPlace: (place: number) => void
}

/** One at the home at a time, first come first served. */
export class Queue {
  #holder: Waiting | null = null
  #waiting: Waiting[] = []

  get length(): number {
    return this.#waiting.length
  }

  /** Its turn may come before this returns. `onPlace` is told 1 for the next in line. Returns how to leave, waiting or not. */
  enter(onTurn: () => void, onPlace: (place: number) => void = () => undefined): () => void {
    const mine = { onTurn, onPlace }
    if (this.#holder === null) {
      this.#holder = mine
      onTurn()
    } else {
      this.#waiting.push(mine)
      onPlace(this.#waiting.length)
    }
    return () => this.#leave(mine)
  }

  #leave(mine: Waiting) {
    if (this.#holder === mine) {
      this.#holder = this.#waiting.shift() ?? null
      this.#tellPlaces(0)
      this.#holder?.onTurn()
      return
    }
    const at = this.#waiting.indexOf(mine)
    if (at < 0) return
    this.#waiting.splice(at, 1)
    this.#tellPlaces(at)
  }

  #tellPlaces(from: number) {
    this.#waiting.slice(from).forEach(({ onPlace }, nth) => onPlace(from + nth + 1))
  }
}
