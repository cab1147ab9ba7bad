/** Room for what stands fixed at the bottom of a narrow page. Pixels. */
const BELOW = 110
const AT_END = 48

/** Keeps the end of something that grows in sight, until the reader's hand says otherwise. */
export class FollowEnd {
  isFollowing = $state(true)

  #end: Element | null = null
  #lastY = 0
  #width = 0

  /** For the element that grows: while `isOn()`, its end is scrolled into sight as long as nobody scrolls up. */
  watch = (isOn: () => boolean) => (element: Element) => {
    this.#end = element
    const over = new AbortController()
    const passive = { signal: over.signal, passive: true }
    const grows = new ResizeObserver(() => {
      if (isOn() && this.isFollowing) this.#reveal()
    })
    grows.observe(element)
    this.#lastY = window.scrollY
    this.#width = window.innerWidth
    window.addEventListener('wheel', ({ deltaY }) => deltaY < 0 && this.#yield(), passive)
    window.addEventListener('touchstart', (event) => this.#touch(event, passive), passive)
    window.addEventListener('keydown', (event) => isUpward(event) && this.#yield(), passive)
    document.addEventListener('selectionchange', () => selectsIn(element) && this.#yield(), passive)
    window.addEventListener('scroll', () => this.#scrolled(), passive)
    return () => {
      over.abort()
      grows.disconnect()
      this.#end = null
    }
  }

  /** Goes to the end and stays there. */
  follow() {
    this.isFollowing = true
    this.#reveal()
  }

  #yield() {
    // At the very top there is nothing to go back to.
    if (this.#overhang() > -window.innerHeight) this.isFollowing = false
  }

  #touch({ touches: [start] }: TouchEvent, passive: AddEventListenerOptions) {
    const moved = new AbortController()
    const move = ({ touches: [now] }: TouchEvent) => {
      if (!start || !now || now.clientY - start.clientY < 8) return
      moved.abort()
      this.#yield()
    }
    window.addEventListener('touchmove', move, { ...passive, signal: moved.signal })
    window.addEventListener('touchend', () => moved.abort(), { ...passive, signal: moved.signal })
  }

  /** What scrolls up is a hand, also on the bar at the side; who comes back to the end wants to stay there. */
  #scrolled() {
    const y = window.scrollY
    // A phone that is turned scrolls by itself.
    const isTurned = window.innerWidth !== this.#width
    this.#width = window.innerWidth
    if (isTurned) return void (this.#lastY = y)
    if (y < this.#lastY - 1 && this.#overhang() > AT_END) this.isFollowing = false
    else if (y > this.#lastY && this.#overhang() <= AT_END) this.isFollowing = true
    this.#lastY = y
  }

  #reveal() {
    const over = this.#overhang()
    if (over > 0) window.scrollBy({ top: over, behavior: 'instant' })
    this.#lastY = window.scrollY
  }

  /** How far the end is below what can be seen. Pixels. */
  #overhang(): number {
    if (!this.#end) return 0
    return this.#end.getBoundingClientRect().bottom - (window.innerHeight - BELOW)
  }
}

const UPWARD = ['PageUp', 'ArrowUp', 'Home']

/** In a field the same keys move the caret. */
const isUpward = ({ key, shiftKey, target }: KeyboardEvent) =>
  (UPWARD.includes(key) || (key === ' ' && shiftKey)) &&
  !(target instanceof Element && target.closest('input, textarea, select'))

/** Text that moves cannot be selected. */
function selectsIn(element: Element): boolean {
  const selection = getSelection()
  return selection !== null && !selection.isCollapsed && selection.containsNode(element, true)
}
