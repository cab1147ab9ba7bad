/** Does it later, unless the answer is called first. */
export function after(ms: number, action: () => void): () => void {
  const timer = setTimeout(action, ms)
  return () => clearTimeout(timer)
}

/** Does it again and again, until the answer is called. */
export function every(ms: number, action: () => void): () => void {
  const timer = setInterval(action, ms)
  return () => clearInterval(timer)
}

/** Waits, but no longer than until `leave`. */
export function pause(ms: number, leave: AbortSignal): Promise<void> {
  if (leave.aborted) return Promise.resolve()
  return new Promise((resume) => {
    const cancel = after(ms, go)
    function go() {
      cancel()
      leave.removeEventListener('abort', go)
      resume()
    }
    leave.addEventListener('abort', go)
  })
}
