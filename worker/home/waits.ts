/** How long a run waits for room in Ollama’s own queue, and how long at a time. An invocation may ask 50 times in all. */
const BUSY = { firstMs: 1000, mostMs: 30_000, patienceMs: 4 * 60_000 } as const

/** ms to wait before each further try. Not all who were refused together come back together. */
export function* waitsWhileBusy(random: () => number = Math.random): Generator<number> {
  for (let wait: number = BUSY.firstMs, waited = 0; waited < BUSY.patienceMs; wait = Math.min(2 * wait, BUSY.mostMs)) {
    const ms = Math.round(wait * (0.75 + random() / 2))
    yield ms
    waited += ms
  }
}
