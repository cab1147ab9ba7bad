import type { Cause } from '../../src/lib/diagnosis/index.ts'
import { DAY_MS } from '../time.ts'
import type { Observation, Trouble } from './observation.ts'

/** A failed minute that is not confirmed yet. */
export interface SuspectedFailure {
  at: number
  trouble: Trouble
  isMaintenance: boolean
}

/** A failure that lasted into a second minute and then passed without being confirmed. */
export interface FalseAlarm {
  at: number
  cause: Cause
}

const RETENTION_MS = 7 * DAY_MS
const MAX_FALSE_ALARMS = 8
/** Consecutive failed minutes that confirm a failure, by the number of recent false alarms with the same cause. */
const CONFIRMATIONS = [2, 3, 3, 4] as const
/**
 * A failed check is repeated after each of these delays before its minute counts as failed. Three checks are all that a tick
 * may spend in requests; after a false alarm they are spread over the minute.
 */
const RETRY_DELAYS_MS = { default: [2000, 8000], afterFalseAlarm: [8000, 20_000] } as const

const countOf = (alarms: readonly FalseAlarm[], cause: Cause | undefined) =>
  alarms.filter((alarm) => alarm.cause === cause).length

/** A connection that fails in bursts looks like an outage for two minutes. Each false alarm asks for more confirmation. */
export const confirmationsNeeded = (alarms: readonly FalseAlarm[], { cause }: Trouble): number =>
  CONFIRMATIONS[Math.min(countOf(alarms, cause), CONFIRMATIONS.length - 1)] ?? CONFIRMATIONS[0]

export function retryDelaysMs(
  alarms: readonly FalseAlarm[],
  suspected: readonly SuspectedFailure[],
): readonly number[] {
  const count = countOf(alarms, suspected[0]?.trouble.cause)
  return RETRY_DELAYS_MS[count === 0 ? 'default' : 'afterFalseAlarm']
}

export const recentFalseAlarms = (alarms: readonly FalseAlarm[], now: number): FalseAlarm[] =>
  alarms.filter(({ at }) => at <= now && now - at < RETENTION_MS)

/** Adds a false alarm if the suspected failures lasted for more than a minute outside of maintenance. */
export function withFalseAlarms(
  alarms: FalseAlarm[],
  suspected: readonly SuspectedFailure[],
  { at, passedOnRetry }: Observation,
): FalseAlarm[] {
  const unplanned = suspected.filter(({ isMaintenance }) => !isMaintenance)
  const isFalseAlarm = unplanned.length > 1 || (unplanned.length === 1 && passedOnRetry)
  if (!isFalseAlarm) return alarms
  const causes = new Set(unplanned.map(({ trouble }) => trouble.cause))
  return [...alarms, ...[...causes].map((cause) => ({ at, cause }))].slice(-MAX_FALSE_ALARMS)
}
