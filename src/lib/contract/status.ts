import type { Lane } from './access.ts'
import type { ExposureReport } from './exposure.ts'
import type { Health, PublicHealth } from './health.ts'
import type { IncidentLevel, Maintenance, Watch } from './history.ts'

/** How a stretch of time was: `u` up, `s` up but worse than it should be, `d` down, `m` maintenance, `-` not observed. */
export type Slot = 'u' | 's' | 'd' | 'm' | '-'
export const MINUTES_A_SLOT = 5

/** One day, oldest first. Shares are 0 to 1; `up` is of what was observed, `null` when nothing was. */
export interface Day {
  /** YYYY-MM-DD, UTC. */
  day: string
  up: number | null
  observed: number
  maintenance: number
}

/** An incident as the page shows it. Times RFC 3339, UTC. */
export interface PastIncident {
  title: string
  cause: string
  level: IncidentLevel
  from: string
  to: string | null
}

/** Who is at home now, and what this day has cost so far. What is loaded the page asks for itself: the home may not answer. */
export interface AtHome {
  /** Who is at the home; since when. */
  running: { lane: Lane; model: string; since: string }[]
  waiting: number
  /** A prompt whose run was stopped, and which the home reads on to its end. */
  reading: { model: string; since: string } | null
  /** What this day has cost so far; `null`: not known. */
  meter: Watch['today'] | null
}

/** All that /status shows. An allow-list: what has no name here is told to nobody. */
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
      /** The one that is going on. */
      maintenance: Maintenance | null
      /** The last 24 hours in stretches of 5 minutes, oldest first. */
      hours: Slot[]
      /** Of these 24 hours, of what was seen of them; `null`: nothing was. */
      uptime: number | null
      /** Time to an answer over 24 h, ms. */
      quick: { p50: number | null; p95: number | null }
      incidents: PastIncident[]
      /** `null`: not known. */
      atHome: AtHome | null
      exposure: ExposureReport | null
    }

/** Enough to tell whether a painted page still holds. Under 1 KB, with an `ETag`. */
export interface StatusBrief {
  viewer: StatusSnapshot['viewer']
  status?: PublicHealth['status']
  cause?: PublicHealth['cause']
  checkedAt?: string
  since?: string
  /** Until when it is maintenance; absent: it is none. */
  maintenance?: string
}

/** Flat, for widgets and Home Assistant. Always 200; `ok` is `null` when nothing fresh is known. */
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
