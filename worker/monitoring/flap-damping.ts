import type { Cause } from '../../src/lib/diagnosis/index.ts'
import type { Probe, Trouble } from './observation.ts'

/** A minute that failed and is not confirmed. ms since 1970. */
export interface Suspected {
  at: number
  trouble: Trouble
  isMaintenance: boolean
}

/** A failure with this cause went on into another minute, and then it was nothing. */
export interface Doubt {
  at: number
  cause: Cause
}

/** What came to nothing is held against its cause for so long. ms. */
const REMEMBERED_MS = 7 * 24 * 3_600_000
const MOST_DOUBTS = 8
/** Failed minutes in a row that confirm, by how often the same has come to nothing lately. */
const MINUTES_NEEDED = [2, 3, 3, 4] as const
/**
 * A failed check is made again after each of these, before its minute counts as failed. ms. Three looks are all that a tick can
 * afford in requests; where they were fooled before, they are spread over the minute.
 */
const PAUSES_MS = { usual: [2000, 8000], doubted: [8000, 20_000] } as const

const countOf = (doubts: readonly Doubt[], cause: Cause | undefined) =>
  doubts.filter((doubt) => doubt.cause === cause).length

/** Lines that fail in bursts look like an outage for two minutes. Where they do so again and again, it takes more to be believed. */
export const minutesNeeded = (doubts: readonly Doubt[], { cause }: Trouble): number =>
  MINUTES_NEEDED[Math.min(countOf(doubts, cause), MINUTES_NEEDED.length - 1)] ?? MINUTES_NEEDED[0]

export const pausesFor = (
  doubts: readonly Doubt[],
  suspected: readonly Suspected[],
): readonly number[] =>
  PAUSES_MS[countOf(doubts, suspected[0]?.trouble.cause) === 0 ? 'usual' : 'doubted']

export const freshDoubts = (doubts: readonly Doubt[], now: number): Doubt[] =>
  doubts.filter(({ at }) => at <= now && now - at < REMEMBERED_MS)

/** A minute that works takes back what was suspected; that it went on for more than a minute, unplanned, is remembered. */
export function learn(
  doubts: Doubt[],
  suspectedAll: readonly Suspected[],
  { at, hasWavered }: Probe,
): Doubt[] {
  const suspected = suspectedAll.filter(({ isMaintenance }) => !isMaintenance)
  const isNearMiss = suspected.length > 1 || (suspected.length === 1 && hasWavered)
  if (!isNearMiss) return doubts
  const causes = new Set(suspected.map(({ trouble }) => trouble.cause))
  return [...doubts, ...[...causes].map((cause) => ({ at, cause }))].slice(-MOST_DOUBTS)
}
