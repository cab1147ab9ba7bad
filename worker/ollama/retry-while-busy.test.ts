import { expect, test } from 'vitest'
import { waitsWhileBusy } from './retry-while-busy.ts'

test('a busy home is retried with back-off for some minutes, within the limits of one invocation', () => {
  for (const random of [() => 0, () => 0.5, () => 0.999]) {
    const waits = [...waitsWhileBusy(random)]
    const waited = waits.reduce((sum, ms) => sum + ms, 0)
    expect(waits[0]).toBeLessThan(1500)
    expect(Math.max(...waits)).toBeLessThan(40_000)
    expect(waited).toBeGreaterThanOrEqual(240_000)
    expect(waited).toBeLessThan(280_000)
    // Each attempt makes three requests: for the loaded models, the installed models, and the text.
    expect(3 * (waits.length + 1)).toBeLessThanOrEqual(50)
  }
})
