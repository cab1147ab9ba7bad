const MINUTE_MS = 60_000
/** The home is looked at as soon as somebody may look at the page. */
const FIRST_AFTER_MS = 200

/**
 * Calls `tick` soon, then at the beginning of every minute, with the minute that it is called for. What it does takes less
 * than a minute. The answer stops the clock; it never keeps a process alive.
 */
export function startClock(
  tick: (minute: Date) => Promise<unknown>,
  complain: (text: string) => void,
): () => void {
  let timer = setTimeout(ring, FIRST_AFTER_MS).unref()
  let isStopped = false

  function ring() {
    const now = Date.now()
    const minute = now - (now % MINUTE_MS)
    timer = setTimeout(ring, minute + MINUTE_MS - now).unref()
    tick(new Date(minute)).catch((error: unknown) => {
      if (!isStopped)
        complain(
          `The check of ${new Date(minute).toISOString()} could not be made. ${String(error)}`,
        )
    })
  }

  return () => {
    isStopped = true
    clearTimeout(timer)
  }
}
