import type { Lane } from './access.ts'
import type { ExposureReport } from './exposure.ts'
import type { Health, PublicHealth } from './health.ts'
import type { IncidentLevel, Maintenance, Watch } from './history.ts'
import type { SlotLetter } from './slots.ts'

export type HomeState = 'up' | 'degraded' | 'down' | 'unknown'

export const MINUTES_A_SLOT = 5

/** One day. Shares are 0 to 1; `up` is the share of the observed time, `null` if nothing was observed. */
export interface Day {
  /** YYYY-MM-DD, UTC. */
  day: string
  up: number | null
  observed: number
  maintenance: number
}

/** An incident as the page shows it. Times are RFC 3339, UTC. */
export interface PastIncident {
  title: string
  cause: string
  level: IncidentLevel
  from: string
  to: string | null
}

/** The requests that run or wait now, and the use of this day. The page requests the loaded models itself, because the home may not answer. */
export interface AtHome {
  /** The running requests, and since when they run. */
  running: { lane: Lane; model: string; since: string }[]
  waiting: number
  /** The prompt of a stopped run that the home is still reading. */
  reading: { model: string; since: string } | null
  /** The use of this day so far; `null`: unknown. */
  meter: Watch['today'] | null
}

/** All that /status shows. This is an allow-list: nothing else leaves the server. */
export type StatusSnapshot =
  | {
      v: 1
      viewer: 'public'
      health: PublicHealth | null
      days: Day[]
      maintenance: Maintenance | null
    }
  | {
      v: 1
      viewer: 'owner'
      health: Health | null
      days: Day[]
      /** Maintenance that is in progress. */
      maintenance: Maintenance | null
      /** The last 24 hours in slots of 5 minutes, oldest first. */
      hours: SlotLetter[]
      /** The uptime of the observed part of these 24 hours; `null`: nothing was observed. */
      uptime: number | null
      /** Response times of the last 24 hours, in milliseconds. */
      quick: { p50: number | null; p95: number | null }
      incidents: PastIncident[]
      /** `null`: unknown. */
      atHome: AtHome | null
      exposure: ExposureReport | null
    }

/** Enough to decide whether a rendered page is still current. Under 1 KB, with an `ETag`. */
export interface StatusBrief {
  viewer: StatusSnapshot['viewer']
  status?: PublicHealth['status']
  cause?: PublicHealth['cause']
  checkedAt?: string
  since?: string
  /** The end of the current maintenance, if there is any. */
  maintenance?: string
}

/** A flat object for widgets and Home Assistant. Always 200; `ok` is `null` without a fresh result. */
export interface FlatStatus {
  ok: boolean | null
  state: 'on' | 'off' | 'unknown'
  status: 'pass' | 'warn' | 'fail'
  cause: string
  reason: string
  title: string
  text: string
  checked_at: string
  since: string
  age_s: number
  stale: boolean
  version: string | null
  models: number | null
}
