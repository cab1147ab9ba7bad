import type { RunRetention, Settings } from '../../src/lib/contract/settings.ts'

export interface SettingsPort {
  read: () => Promise<Settings>
  keep: (kept: RunRetention) => Promise<Settings>
  countOver: (kept: RunRetention) => Promise<number>
}
