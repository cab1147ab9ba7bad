/**
 * What was confirmed in a slot of the history. `blip`: a failure that the next check did not confirm, so it does not count
 * as down. `maintenance`: planned by the owner, so it counts as nothing.
 */
export const SLOT_STATES = ['up', 'degraded', 'blip', 'down', 'maintenance'] as const
export type SlotState = (typeof SLOT_STATES)[number]

/**
 * The letters of a slot in the database and in the JSON of /api/status. `unknown`: Porchlight had no network. Neither can
 * change, and they differ: `d` is stored for degraded, and means down in the JSON.
 */
export const SLOT_LETTERS = {
  up: { stored: 'u', json: 'u' },
  degraded: { stored: 'd', json: 's' },
  blip: { stored: 'b', json: 'u' },
  down: { stored: 'x', json: 'd' },
  maintenance: { stored: 'm', json: 'm' },
  unknown: { stored: '?', json: '-' },
} as const satisfies Record<SlotState | 'unknown', { stored: string; json: string }>

/** In the JSON, an unknown slot and one that was never checked look the same. */
export type SlotLetter = (typeof SLOT_LETTERS)[SlotState | 'unknown']['json']
