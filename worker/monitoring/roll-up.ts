import { SLOT_LETTERS, SLOT_STATES, type SlotState } from '../../src/lib/contract/slots.ts'
import type { Cause } from '../../src/lib/diagnosis/index.ts'
import { add, emptyHistogram, merge, type Histogram } from './histogram.ts'

export const MINUTES_PER_HOUR = 60

export type MinuteState = keyof typeof SLOT_LETTERS

/** No tick came in this minute. */
const MISSING = '.'

/** The minutes of one hour. */
export interface Hour {
  /** A stored letter of `SLOT_LETTERS`, or a dot, for each minute. */
  marks: string
  /** The response time of each minute; 0 without a response. */
  ms: Uint16Array
  /** By minute, of those that did not pass. */
  causes: Record<string, Cause>
}

export const emptyHour = (): Hour => ({
  marks: MISSING.repeat(MINUTES_PER_HOUR),
  ms: new Uint16Array(MINUTES_PER_HOUR),
  causes: {},
})

export function setMinute(
  hour: Hour,
  minute: number,
  state: MinuteState,
  ms: number | null,
  cause: Cause | null,
): Hour {
  const times = hour.ms.slice()
  // 0 means no response, so a response within less than a millisecond counts as 1.
  times[minute] = ms === null ? 0 : Math.min(65_535, Math.max(1, Math.round(ms)))
  const { [String(minute)]: _, ...others } = hour.causes
  return {
    marks: hour.marks.slice(0, minute) + SLOT_LETTERS[state].stored + hour.marks.slice(minute + 1),
    ms: times,
    causes: cause === null ? others : { ...others, [minute]: cause },
  }
}

const STATES = new Map<string, SlotState>(
  SLOT_STATES.map((state) => [SLOT_LETTERS[state].stored, state]),
)

/** `null`: nothing is known about that minute. */
export const stateOfMinute = (hour: Hour, minute: number): SlotState | null =>
  STATES.get(hour.marks[minute] ?? MISSING) ?? null

/** The number of minutes in each state, and the response times. Minutes without a count were not observed. */
export interface RollUp extends Record<SlotState, number> {
  histogram: Histogram
  /** The cause of most of the failed minutes. */
  cause: Cause | null
}

export function rollUp({ marks, ms, causes }: Hour): RollUp {
  const histogram = emptyHistogram()
  for (const one of ms) if (one > 0) add(histogram, one)
  const failed = Object.entries(causes)
    .filter(([minute]) => marks[Number(minute)] === SLOT_LETTERS.down.stored)
    .map(([, cause]) => ({ cause, minutes: 1 }))
  return {
    ...countStates((state) => marks.split(SLOT_LETTERS[state].stored).length - 1),
    histogram,
    cause: mostFrequent(failed),
  }
}

export function mergeRollUps(rollUps: readonly RollUp[]): RollUp {
  const failed = rollUps.flatMap(({ cause, down }) =>
    cause === null ? [] : [{ cause, minutes: down }],
  )
  return {
    ...countStates((state) => rollUps.reduce((total, one) => total + one[state], 0)),
    histogram: merge(rollUps.map(({ histogram }) => histogram)),
    cause: mostFrequent(failed),
  }
}

const countStates = (count: (state: SlotState) => number): Record<SlotState, number> => ({
  up: count('up'),
  degraded: count('degraded'),
  blip: count('blip'),
  down: count('down'),
  maintenance: count('maintenance'),
})

function mostFrequent(failed: readonly { cause: Cause; minutes: number }[]): Cause | null {
  const sums = new Map<Cause, number>()
  for (const { cause, minutes } of failed) sums.set(cause, (sums.get(cause) ?? 0) + minutes)
  const [most] = [...sums].sort(([, one], [, other]) => other - one)
  return most?.[0] ?? null
}

/** Maintenance is not part of the uptime. */
export const minutesSeen = ({ up, degraded, blip, down }: RollUp) => up + degraded + blip + down

/** The worst confirmed state. A `blip` counts only if nothing else was observed. */
export function stateOf(rollUp: RollUp): SlotState | null {
  if (rollUp.down > 0) return 'down'
  if (rollUp.degraded > 0) return 'degraded'
  if (rollUp.up > 0) return 'up'
  if (rollUp.blip > 0) return 'blip'
  return rollUp.maintenance > 0 ? 'maintenance' : null
}

/** The share of the observed minutes in which the home worked, 0 to 1; `null` if no minute was observed. */
export const uptimeOf = (rollUp: RollUp): number | null =>
  minutesSeen(rollUp) === 0 ? null : 1 - rollUp.down / minutesSeen(rollUp)
