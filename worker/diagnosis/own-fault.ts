import { log } from '../log.ts'
import type { KeptVerdict, Ports } from '../ports.ts'
import { blind } from './health-routes.ts'

/** Home, the object, may be what does not answer. Then that is the verdict: it is our fault, and says nothing of the home. */
export function tellingOwnFaults(ports: Ports): Ports {
  return {
    ...ports,
    check: async (...asked) => orBlind(() => ports.check(...asked)),
    latest: async () => orBlind(() => ports.latest()),
  }
}

async function orBlind<Told>(ask: () => Promise<Told>): Promise<Told | KeptVerdict> {
  try {
    return await ask()
  } catch (error) {
    log({ code: 'checker_failed', error })
    return blind()
  }
}
