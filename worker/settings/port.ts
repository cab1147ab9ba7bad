import type { RunRetention, Settings } from '../../src/lib/contract/settings.ts'

/** The owner's settings for how many runs are retained. */
export interface SettingsPort {
  read: () => Promise<Settings>
  /** Deletes the runs beyond the new limits. */
  setRetention: (limits: RunRetention) => Promise<Settings>
  /** How many runs these limits would delete. */
  countExcess: (limits: RunRetention) => Promise<number>
}
