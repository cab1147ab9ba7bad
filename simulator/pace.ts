/** Keeps a rate of many tokens per second although timers are coarse: it catches up with the tokens that are due. */
import { pause } from './turnstile.ts'

const TICK_MS = 1

export interface Pace {
  count: number
  perSecond: number
  left: AbortSignal
  /** Called with the range of tokens that are due; returning false stops it. */
  emit: (from: number, to: number) => Promise<boolean>
}

export async function atPace({ count, perSecond, left, emit }: Pace): Promise<boolean> {
  const start = performance.now()
  for (let sent = 0; sent < count;) {
    const elapsed = performance.now() - start
    const due = Math.min(count, Math.floor((elapsed * perSecond) / 1000) + 1)
    if (due > sent && !(await emit(sent, due))) return false
    sent = due
    const next = (sent * 1000) / perSecond - (performance.now() - start)
    if (sent < count && !(await pause(Math.max(TICK_MS, next), left))) return false
  }
  return true
}
