import { HomeFailure, saysBusy } from './failure.ts'
import { pause } from '../timers.ts'

/** How long room in Ollama’s own queue is waited for, and how long at a time. An invocation may ask 50 times in all. */
const BUSY = { firstMs: 1000, mostMs: 30_000, patienceMs: 4 * 60_000 } as const

/**
 * Asks the home, and asks again while it is busy: nothing but Ollama’s own “server busy”, which comes before anything was
 * begun. Also over when somebody leaves.
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

const isBusy = (error: unknown) => error instanceof HomeFailure && saysBusy(error)

/** ms to wait before each further try. Not all who were refused together come back together. */
export function* waitsWhileBusy(random: () => number = Math.random): Generator<number> {
  for (
    let wait: number = BUSY.firstMs, waited = 0;
    waited < BUSY.patienceMs;
    wait = Math.min(2 * wait, BUSY.mostMs)
  ) {
    const ms = Math.round(wait * (0.75 + random() / 2))
    yield ms
    waited += ms
  }
}
