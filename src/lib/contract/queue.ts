import * as v from 'valibot'
import type { Lane } from './access.ts'

/** More at once than a home has ever been set up for. */
const MOST_AT_ONCE = 16

/** Body of `PUT /api/queue`. */
export const QueueSettings = v.strictObject({
  atOnce: v.pipe(
    v.number('must be a whole number'),
    v.integer('must be a whole number'),
    v.minValue(1, 'must be at least 1'),
    v.maxValue(MOST_AT_ONCE, `must be at most ${MOST_AT_ONCE}`),
  ),
})

export type QueueSettings = v.InferOutput<typeof QueueSettings>

/** Somebody at the home, or waiting. */
export interface QueueEntry {
  /** Of the run; `null`: a request that is no run. */
  id: string | null
  lane: Lane
  model: string
  /** 0: at the home; 1: the next in line. */
  place: number
  /** Since when it waits, or is at the home. RFC 3339, UTC. */
  since: string
}

/** `GET /api/queue`: how many may be at the home at once, who is there, and who waits, in the order of their turns. */
export interface QueueState extends QueueSettings {
  entries: QueueEntry[]
  /** A prompt whose run was stopped, and which the home reads on to its end; `null`: none is known. */
  reading: { model: string; since: string } | null
}
