/** Leaves room for the fixed bar at the bottom of a narrow page. */
const BOTTOM_BAR_PX = 110
const AT_END_PX = 48

/** Keeps the end of a growing element in sight until the reader scrolls up. */
export class FollowEnd {
  isFollowing = $state(true)

  #end: Element | null = null
  #lastY = 0
  #width = 0

  /** Attach to the growing element. Only active while `isOn()`. */
  watch = (isOn: () => boolean) => (element: Element) => {
    this.#end = element
    const detached = new AbortController()
    const passive = { signal: detached.signal, passive: true }
    const growth = new ResizeObserver(() => {
      if (isOn() && this.isFollowing) this.#reveal()
    })
    growth.observe(element)
    this.#lastY = window.scrollY
    this.#width = window.innerWidth
    window.addEventListener('wheel', ({ deltaY }) => deltaY < 0 && this.#stopFollowing(), passive)
    window.addEventListener('touchstart', (event) => this.#touch(event, passive), passive)
    window.addEventListener('keydown', (event) => this.#pressed(event), passive)
    document.addEventListener(
      'selectionchange',
      () => selectsIn(element) && this.#stopFollowing(),
      passive,
    )
    window.addEventListener('scroll', () => this.#scrolled(), passive)
    return () => {
      detached.abort()
      growth.disconnect()
      this.#end = null
    }
  }

  follow() {
    this.isFollowing = true
    this.#reveal()
  }

  #stopFollowing() {
    // While the end is above the window, scrolling up leads towards it.
    if (this.#overhangPx() > -window.innerHeight) this.isFollowing = false
  }

  /** While text arrives, the end that the End key scrolls to has moved on by the time the page gets there. */
  #pressed(event: KeyboardEvent) {
    if (isInField(event)) return
    if (event.key === 'End') this.follow()
    else if (UPWARD.includes(event.key) || (event.key === ' ' && event.shiftKey))
      this.#stopFollowing()
  }

  #touch({ touches: [start] }: TouchEvent, passive: AddEventListenerOptions) {
    const moved = new AbortController()
    const move = ({ touches: [now] }: TouchEvent) => {
      if (!start || !now || now.clientY - start.clientY < 8) return
      moved.abort()
      this.#stopFollowing()
    }
    window.addEventListener('touchmove', move, { ...passive, signal: moved.signal })
    window.addEventListener('touchend', () => moved.abort(), { ...passive, signal: moved.signal })
  }

  /** Only the reader scrolls up, for example with the scroll bar. Back at the end, following resumes. */
  #scrolled() {
    const y = window.scrollY
    // Turning a phone scrolls the page too.
    const wasTurned = window.innerWidth !== this.#width
    this.#width = window.innerWidth
    if (wasTurned) return void (this.#lastY = y)
    if (y < this.#lastY - 1 && this.#overhangPx() > AT_END_PX) this.isFollowing = false
    else if (y > this.#lastY && this.#overhangPx() <= AT_END_PX) this.isFollowing = true
    this.#lastY = y
  }

  #reveal() {
    const overhang = this.#overhangPx()
    if (overhang > 0) window.scrollBy({ top: overhang, behavior: 'instant' })
    this.#lastY = window.scrollY
  }

  /** The distance of the end below the visible part of the page. */
  #overhangPx(): number {
    if (!this.#end) return 0
    return this.#end.getBoundingClientRect().bottom - (window.innerHeight - BOTTOM_BAR_PX)
  }
}

const UPWARD = ['PageUp', 'ArrowUp', 'Home']

/** In a field, the same keys move the caret. */
const isInField = ({ target }: KeyboardEvent) =>
  target instanceof Element && target.closest('input, textarea, select') !== null

/** Selecting stops following, because moving text cannot be selected. */
function selectsIn(element: Element): boolean {
  const selection = getSelection()
  return selection !== null && !selection.isCollapsed && selection.containsNode(element, true)
}
