import type { ReasonName } from '../../src/lib/diagnosis/index.ts'
import type { Doubt, Suspected } from './flap-damping.ts'
import type { Incident } from './incident.ts'
import type { Trouble } from './observation.ts'
import { MINUTE_MS } from '../time.ts'

/** So long after the last minute that was seen, nothing is known any more. ms. */
export const BLIND_AFTER_MS = 3 * MINUTE_MS
/** What is held to be true of the home; small changes of the moment do not move it. */
export type Settled = 'unknown' | 'up' | 'degraded' | 'down'

/** Everything that the monitor remembers from one minute to the next. Times ms since 1970. */
export interface MonitorState {
  /** The newest minute that was taken in. */
  at: number | null
  /** The newest minute that told something of the home. */
  seenAt: number | null
  settled: Settled
  since: number
  /** Failed minutes in a row that are not confirmed, oldest first. */
  suspected: Suspected[]
  /** What came to nothing before, though it had lasted for more than a minute. */
  doubts: Doubt[]
  /** Good minutes in a row while it is down, and the first of them. */
  good: number
  goodSince: number
  /** The last minutes that worked, newest last: `g` good, `p` poor. */
  recent: string
  /** Runs in a row that got no text. */
  silent: { runs: number; trouble: Trouble; at: number } | null
  /** When it fell and when it rose again, in the last hour. */
  turns: number[]
  /** How often it fell while flapping. */
  falls: number
  incident: Incident | null
  /** How many incidents there have been. */
  incidents: number
  /** What the newest minute failed of, confirmed or not. */
  failing: ReasonName | null
  /** The last failure that was worth keeping, and how many there have been. */
  news: { at: number; reason: ReasonName | null; count: number }
}

export const NEW_STATE: MonitorState = {
  at: null,
  seenAt: null,
  settled: 'unknown',
  since: 0,
  suspected: [],
  doubts: [],
  good: 0,
  goodSince: 0,
  recent: '',
  silent: null,
  turns: [],
  falls: 0,
  incident: null,
  incidents: 0,
  failing: null,
  news: { at: 0, reason: null, count: 0 },
}

/** What can be said at `now`: a state that nobody has seen for three minutes is not known any more, also when all looks were blind. */
export function phaseAt(state: MonitorState, now: number): Settled | 'suspect' | 'recovering' {
  if (state.seenAt === null || Math.abs(now - state.seenAt) > BLIND_AFTER_MS) return 'unknown'
  if (state.settled === 'down') return state.good > 0 ? 'recovering' : 'down'
  return state.suspected.length === 0 ? state.settled : 'suspect'
}
