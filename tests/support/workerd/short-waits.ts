import { vi } from 'vitest'
import { retryDelaysMs } from '../../../worker/monitoring/flap-damping.ts'

const PAUSES_MS: ReadonlySet<unknown> = new Set(retryDelaysMs([], []))
const SHORT_PAUSE_MS = 20
/** Long enough for a receiver that responds, on a busy machine too. */
const SHORT_TIMEOUT_MS = 1000

/** The pauses between the checks of one tick hardly take time. Every other timer keeps its own. */
export function shortenPauses() {
  const setTimeoutReally = globalThis.setTimeout
  vi.spyOn(globalThis, 'setTimeout').mockImplementation((action: () => void, ms?: number) =>
    setTimeoutReally(action, PAUSES_MS.has(ms) ? SHORT_PAUSE_MS : ms),
  )
}

/** Request timeouts take a second. Returns the timeouts that were asked for, in ms. */
export function shortenTimeouts(): number[] {
  const timeouts: number[] = []
  const timeoutReally = AbortSignal.timeout.bind(AbortSignal)
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    timeouts.push(ms)
    return timeoutReally(SHORT_TIMEOUT_MS)
  })
  return timeouts
}
