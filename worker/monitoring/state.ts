import type { ReasonName } from '../../src/lib/diagnosis/index.ts'
import { MINUTE_MS } from '../time.ts'
import type { FalseAlarm, SuspectedFailure } from './flap-damping.ts'
import type { Incident } from './incident.ts'
import type { Trouble } from './observation.ts'

/** Without an observation for this long, the state of the home is unknown. */
export const STALE_AFTER_MS = 3 * MINUTE_MS

/** The confirmed state of the home. A single failed check does not change it. */
export type HomeState = 'unknown' | 'up' | 'degraded' | 'down'

/** Everything that the monitor remembers from one minute to the next. Times are ms since 1970. */
export interface MonitorState {
  /** The newest minute that was processed. */
  at: number | null
  /** The newest minute whose result was not `unknown`. */
  seenAt: number | null
  home: HomeState
  since: number
  /** Consecutive failed minutes that are not confirmed, oldest first. */
  suspected: SuspectedFailure[]
  falseAlarms: FalseAlarm[]
  /** Consecutive passing minutes while the home is down, and the first of them. */
  passes: number
  passingSince: number
  /** The last minutes that did not fail, newest last, as `RECENT_LETTERS`. */
  recent: string
  /** Consecutive runs without text. */
  failedRuns: { runs: number; trouble: Trouble; at: number } | null
  /** When the home went down or came back within the last hour. */
  transitions: number[]
  /** How often the home went down while it was flapping. */
  flaps: number
  incident: Incident | null
  incidentCount: number
  /** Why the newest minute failed, confirmed or not. */
  failing: ReasonName | null
  /** The last failure whose evidence was saved, and how many were saved so far. */
  savedFailure: { at: number; reason: ReasonName | null; count: number }
}

export const RECENT_LETTERS = { pass: 'g', warn: 'p' } as const

export const NEW_STATE: MonitorState = {
  at: null,
  seenAt: null,
  home: 'unknown',
  since: 0,
  suspected: [],
  falseAlarms: [],
  passes: 0,
  passingSince: 0,
  recent: '',
  failedRuns: null,
  transitions: [],
  flaps: 0,
  incident: null,
  incidentCount: 0,
  failing: null,
  savedFailure: { at: 0, reason: null, count: 0 },
}

export function phaseAt(state: MonitorState, now: number): HomeState | 'suspect' | 'recovering' {
  if (state.seenAt === null || Math.abs(now - state.seenAt) > STALE_AFTER_MS) return 'unknown'
  if (state.home === 'down') return state.passes > 0 ? 'recovering' : 'down'
  return state.suspected.length === 0 ? state.home : 'suspect'
}
