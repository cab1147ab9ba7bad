import * as v from 'valibot'

const between = (least: number, most: number) =>
  v.pipe(
    v.number('must be a whole number'),
    v.integer('must be a whole number'),
    v.minValue(least, `must be at least ${least}`),
    v.maxValue(most, `must be at most ${most.toLocaleString('en')}`),
  )

/** How much is remembered: the newest runs, as long as they are this many and this many megabytes (10⁶ bytes) together. */
export const Kept = v.strictObject({ runs: between(1, 5000), megabytes: between(1, 2000) })
export type Kept = v.InferOutput<typeof Kept>

/** The body of `PUT /api/settings`. */
export const SettingsChange = v.strictObject({ kept: Kept })
export type SettingsChange = v.InferOutput<typeof SettingsChange>

/** `GET /api/settings`: what is set, and what is there. */
export interface Settings extends SettingsChange {
  holds: Holding
}

export interface Holding {
  runs: number
  bytes: number
}
