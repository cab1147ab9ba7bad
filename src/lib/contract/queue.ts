import * as v from 'valibot'
import type { Lane } from './access.ts'

/** More than any home is set up for. */
const MAX_AT_ONCE = 16

/** Body of `PUT /api/queue`. */
export const QueueSettings = v.strictObject({
  atOnce: v.pipe(
    v.number('must be a whole number'),
    v.integer('must be a whole number'),
    v.minValue(1, 'must be at least 1'),
    v.maxValue(MAX_AT_ONCE, `must be at most ${MAX_AT_ONCE}`),
  ),
})

export type QueueSettings = v.InferOutput<typeof QueueSettings>

/** A request that runs at the home, or waits. */
export interface QueueEntry {
  /** The id of the run; `null`: the request is not a run. */
  id: string | null
  lane: Lane
  model: string
  /** 0: runs at the home; 1: next in line. */
  place: number
  /** Since when it has been waiting or running. RFC 3339, UTC. */
  since: string
}

/** `GET /api/queue`: how many requests may run at once, and those that run or wait, in order. */
export interface QueueState extends QueueSettings {
  entries: QueueEntry[]
  /** The prompt of a stopped run that the home is still reading; `null`: none is known. */
  reading: { model: string; since: string } | null
}
