import { expect } from 'vitest'
import type { Health } from '../../../src/lib/contract/health.ts'
import type { Cause } from '../../../src/lib/diagnosis/index.ts'
import { serve } from '../serve.ts'

export interface Porchlight {
  /** What it says of the home now. */
  check: () => Promise<Health>
  stop: () => Promise<void>
}

/** A running Porchlight, as `npm start` starts it, for one address. */
export async function porchlight(env: Record<string, string>): Promise<Porchlight> {
  const { url, stop } = await serve(env)
  const check = async () =>
    (await (await fetch(`${url}/api/health?fresh=1&code=200`)).json()) as Health
  return { check, stop }
}

export interface Truth {
  /** The verdict's own cause must be one of these. */
  cause: readonly Cause[]
  /** What looks the same from outside: each must be named, as cause or as alternative, and without confidence. */
  named?: readonly Cause[]
}

export function expectVerdict(health: Health, { cause, named = [] }: Truth) {
  const causes = [health.cause, ...health.alternatives]
  const story = `${health.reason} (${health.confidence}): ${causes.join(', ')}. ${health.summary}`
  expect(cause, story).toContain(health.cause)
  expect(causes, story).toEqual(expect.arrayContaining([...named]))
  if (named.length > 1) expect(health.confidence, story).toBe('low')
}
