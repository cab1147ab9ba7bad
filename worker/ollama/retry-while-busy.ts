import { HomeFailure, isBusyAnswer } from './failure.ts'
import { pause } from '../timers.ts'

/** The waits for room in Ollama’s queue, and their total. A Worker invocation may send 50 requests at most. */
const BACK_OFF = { firstMs: 1000, maxMs: 30_000, totalMs: 4 * 60_000 } as const

/**
 * Sends a request, and repeats it while Ollama answers “server busy”, which it does before it starts on the request. Stops when
 * the client disconnects.
 */
export async function retryWhileBusy(
  ask: () => Promise<void>,
  onBusy: () => void,
  leave: AbortSignal,
): Promise<void> {
  for (const ms of waitsWhileBusy()) {
    try {
      return await ask()
    } catch (error) {
      if (!isBusy(error)) throw error
    }
    onBusy()
    await pause(ms, leave)
    if (leave.aborted) return
  }
  return ask()
}

const isBusy = (error: unknown) => error instanceof HomeFailure && isBusyAnswer(error)

/** The wait in milliseconds before each further attempt, with jitter, so that clients do not all return at once. */
export function* waitsWhileBusy(random: () => number = Math.random): Generator<number> {
  for (
    let wait: number = BACK_OFF.firstMs, waited = 0;
    waited < BACK_OFF.totalMs;
    wait = Math.min(2 * wait, BACK_OFF.maxMs)
  ) {
    const ms = Math.round(wait * (0.75 + random() / 2))
    yield ms
    waited += ms
  }
}
