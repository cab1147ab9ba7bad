import { log } from '../log.ts'
import type { KeptVerdict, Ports } from '../ports.ts'
import { blind } from './health-routes.ts'

/** Home, the object, may be what does not answer. Then that is the verdict: it is our fault, and says nothing of the home. */
export function reportingOwnFaults(ports: Ports): Ports {
  return {
    ...ports,
    check: async (...asked) => orObserverBlind(() => ports.check(...asked)),
    latest: async () => orObserverBlind(() => ports.latest()),
  }
}

async function orObserverBlind<Told>(ask: () => Promise<Told>): Promise<Told | KeptVerdict> {
  try {
    return await ask()
  } catch (error) {
    log({ code: 'checker_failed', error })
    return blind()
  }
}
