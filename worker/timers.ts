/** Calls `action` after `ms`. The returned function cancels it. */
export function after(ms: number, action: () => void): () => void {
  const timer = setTimeout(action, ms)
  return () => clearTimeout(timer)
}

/** Calls `action` every `ms` until the returned function is called. */
export function every(ms: number, action: () => void): () => void {
  const timer = setInterval(action, ms)
  return () => clearInterval(timer)
}

/** Waits for `ms`, or until `signal` is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resume) => {
    const cancel = after(ms, end)
    function end() {
      cancel()
      signal.removeEventListener('abort', end)
      resume()
    }
    signal.addEventListener('abort', end)
  })
}
