import { log } from '../log.ts'
import type { Ports } from '../ports.ts'
import { blind } from './health-routes.ts'
import type { KeptVerdict } from './port.ts'

/** If the object `Home` does not answer, the verdict is that the fault is ours, which says nothing about the home. */
export function reportingOwnFaults(ports: Ports): Ports {
  return {
    ...ports,
    diagnosis: {
      check: (...args) => orObserverBlind(() => ports.diagnosis.check(...args)),
      latest: () => orObserverBlind(() => ports.diagnosis.latest()),
    },
  }
}

async function orObserverBlind<Result>(ask: () => Promise<Result>): Promise<Result | KeptVerdict> {
  try {
    return await ask()
  } catch (error) {
    log({ code: 'checker_failed', error })
    return blind()
  }
}
