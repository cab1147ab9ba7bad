import type { History, IncidentList, Resolution, Watch } from '../../src/lib/contract/history.ts'

/** What the monitor has recorded. Times are ms since 1970. */
export interface MonitoringPort {
  /** `from` and `to` are on slot boundaries. */
  history: (res: Resolution, from: number, to: number) => Promise<History>
  incidents: (query: { limit: number; before?: number }) => Promise<IncidentList>
  /** A `FailureList` as JSON. */
  failures: () => Promise<string>
  status: () => Promise<Watch>
}
