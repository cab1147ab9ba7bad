const MINUTE_MS = 60_000
/** The owner opens the page right after the start, so the first check is due by then. */
const FIRST_AFTER_MS = 200

/**
 * Calls `tick` soon, then at the beginning of every minute, with that minute; a tick takes less than a minute. Returns a
 * function that stops the clock. The clock never keeps a process alive.
 */
export function startClock(
  tick: (minute: Date) => Promise<unknown>,
  logError: (text: string) => void,
): () => void {
  let timer = setTimeout(ring, FIRST_AFTER_MS).unref()
  let isStopped = false

  function ring() {
    const now = Date.now()
    const minute = now - (now % MINUTE_MS)
    timer = setTimeout(ring, minute + MINUTE_MS - now).unref()
    tick(new Date(minute)).catch((error: unknown) => {
      if (!isStopped)
        logError(`The check of ${new Date(minute).toISOString()} failed to run. ${String(error)}`)
    })
  }

  return () => {
    isStopped = true
    clearTimeout(timer)
  }
}
