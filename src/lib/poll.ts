/**
 * Calls `poll` now, at intervals, and when the person comes back to the page; never while the page is hidden.
 * `isBack` is false for calls that the timer makes. Returns a function that stops it.
 */
export function pollWhileVisible(
  intervalMs: number,
  poll: (isBack: boolean) => unknown,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const over = new AbortController()
  const run = async (isBack: boolean) => {
    clearTimeout(timer)
    if (document.visibilityState === 'visible') await poll(isBack)
    clearTimeout(timer)
    if (over.signal.aborted) return
    timer = setTimeout(() => void run(false), intervalMs)
  }
  document.addEventListener('visibilitychange', () => void run(true), { signal: over.signal })
  void run(true)
  return () => {
    clearTimeout(timer)
    over.abort()
  }
}
