import * as v from 'valibot'

const between = (least: number, most: number) =>
  v.pipe(
    v.number('must be a whole number'),
    v.integer('must be a whole number'),
    v.minValue(least, `must be at least ${least}`),
    v.maxValue(most, `must be at most ${most.toLocaleString('en')}`),
  )

/** How many runs are stored: the newest ones, up to this number and this many megabytes (10⁶ bytes) in total. */
export const RunRetention = v.strictObject({ runs: between(1, 5000), megabytes: between(1, 2000) })
export type RunRetention = v.InferOutput<typeof RunRetention>

/** The body of `PUT /api/settings`. */
export const SettingsChange = v.strictObject({ kept: RunRetention })
export type SettingsChange = v.InferOutput<typeof SettingsChange>

/** `GET /api/settings`: the settings, and what is stored now. */
export interface Settings extends SettingsChange {
  holds: StoredRuns
}

export interface StoredRuns {
  runs: number
  bytes: number
}
