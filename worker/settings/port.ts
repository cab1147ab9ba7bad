import type { Kept, Settings } from '../../src/lib/contract/settings.ts'

export interface SettingsPort {
  read: () => Promise<Settings>
  keep: (kept: Kept) => Promise<Settings>
  countOver: (kept: Kept) => Promise<number>
}
