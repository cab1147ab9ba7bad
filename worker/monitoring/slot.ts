import type { Observation, Trouble } from './observation.ts'
import type { MinuteState } from './roll-up.ts'
import type { SuspectedFailure } from './flap-damping.ts'

/** How a minute is recorded in the history. */
export interface Slot {
  at: number
  state: MinuteState
  trouble: Trouble | null
  ms: number | null
}

/** Maintenance changes what is recorded, not what is detected. */
export const slotOf = (
  { at, trouble, ms, isMaintenance }: Observation,
  state: MinuteState,
): Slot =>
  isMaintenance ? { at, state: 'maintenance', trouble: null, ms: null } : { at, state, trouble, ms }

/** How suspected failures are recorded once they are confirmed. Those in maintenance stay as they are. */
export const downSlotsOf = (suspected: readonly SuspectedFailure[]): Slot[] =>
  suspected
    .filter(({ isMaintenance }) => !isMaintenance)
    .map(({ at, trouble }) => ({ at, state: 'down', trouble, ms: null }))
