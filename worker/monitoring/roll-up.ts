import { SLOT_LETTERS, SLOT_STATES, type SlotState } from '../../src/lib/contract/slots.ts'
import type { Cause } from '../../src/lib/diagnosis/index.ts'
import { add, emptyHistogram, merge, type Histogram } from './histogram.ts'

export const MINUTES = 60

export type Mark = keyof typeof SLOT_LETTERS

const MISSING = '.'

/** The minutes of one hour. A minute that nobody looked at is a dot. */
export interface Hour {
  marks: string
  /** ms of each minute; 0: none. */
  ms: Uint16Array
  /** By minute, of those that are not well. */
  causes: Record<string, Cause>
}

export const emptyHour = (): Hour => ({
  marks: MISSING.repeat(MINUTES),
  ms: new Uint16Array(MINUTES),
  causes: {},
})

export function setMinute(
  hour: Hour,
  minute: number,
  mark: Mark,
  ms: number | null,
  cause: Cause | null,
): Hour {
  const times = hour.ms.slice()
  // 0 is taken: what takes less than a millisecond took one.
  times[minute] = ms === null ? 0 : Math.min(65_535, Math.max(1, Math.round(ms)))
  const { [String(minute)]: _, ...others } = hour.causes
  return {
    marks: hour.marks.slice(0, minute) + SLOT_LETTERS[mark].stored + hour.marks.slice(minute + 1),
    ms: times,
    causes: cause === null ? others : { ...others, [minute]: cause },
  }
}

const STATES = new Map<string, SlotState>(
  SLOT_STATES.map((state) => [SLOT_LETTERS[state].stored, state]),
)

/** `null`: nothing is known of that minute. */
export const stateOfMinute = (hour: Hour, minute: number): SlotState | null =>
  STATES.get(hour.marks[minute] ?? MISSING) ?? null

/** What is kept of a longer time: how many minutes were how, and how long checks took. What is in no count was not seen. */
export interface Roll extends Record<SlotState, number> {
  histogram: Histogram
  /** What most of the failed minutes failed of. */
  cause: Cause | null
}

export function rollUp({ marks, ms, causes }: Hour): Roll {
  const histogram = emptyHistogram()
  for (const one of ms) if (one > 0) add(histogram, one)
  const count = (mark: Mark) => marks.split(SLOT_LETTERS[mark].stored).length - 1
  const failed = Object.entries(causes)
    .filter(([minute]) => marks[Number(minute)] === SLOT_LETTERS.down.stored)
    .map(([, cause]) => ({ cause, minutes: 1 }))
  return { ...countEach(count), histogram, cause: mostOf(failed) }
}

export function sumUp(rolls: readonly Roll[]): Roll {
  return {
    ...countEach((part) => rolls.reduce((total, roll) => total + roll[part], 0)),
    histogram: merge(rolls.map(({ histogram }) => histogram)),
    cause: mostOf(
      rolls.flatMap(({ cause, down }) => (cause === null ? [] : [{ cause, minutes: down }])),
    ),
  }
}

const countEach = (count: (state: SlotState) => number): Record<SlotState, number> => ({
  up: count('up'),
  degraded: count('degraded'),
  blip: count('blip'),
  down: count('down'),
  maintenance: count('maintenance'),
})

function mostOf(failed: readonly { cause: Cause; minutes: number }[]): Cause | null {
  const sums = new Map<Cause, number>()
  for (const { cause, minutes } of failed) sums.set(cause, (sums.get(cause) ?? 0) + minutes)
  const [most] = [...sums].sort(([, one], [, other]) => other - one)
  return most?.[0] ?? null
}

/** Maintenance says nothing of how reliable a home is, so it is in no share. */
export const seenIn = ({ up, degraded, blip, down }: Roll) => up + degraded + blip + down

/** The worst that was confirmed. A failure that the next minute took back does not colour a longer time. */
export function stateOfRoll(roll: Roll): SlotState | null {
  if (roll.down > 0) return 'down'
  if (roll.degraded > 0) return 'degraded'
  if (roll.up > 0) return 'up'
  if (roll.blip > 0) return 'blip'
  return roll.maintenance > 0 ? 'maintenance' : null
}

/** The share of the minutes that were seen in which the home worked, 0 to 1; `null`: none was seen. */
export const uptimeOf = (roll: Roll): number | null =>
  seenIn(roll) === 0 ? null : 1 - roll.down / seenIn(roll)
