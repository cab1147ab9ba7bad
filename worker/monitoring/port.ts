import type { History, IncidentList, Resolution, Watch } from '../../src/lib/contract/history.ts'

/** What the monitor has seen. Times ms since 1970. */
export interface MonitoringPort {
  /** From and to lie on the boundaries of slots. */
  history: (res: Resolution, from: number, to: number) => Promise<History>
  incidents: (query: { limit: number; before?: number }) => Promise<IncidentList>
  /** A `FailureList` as JSON. */
  failures: () => Promise<string>
  watch: () => Promise<Watch>
}
