import type { Cause, ReasonName, Rung, Verdict } from '../diagnosis/index.ts'
import type { SlotState } from './slots.ts'

/** The resolutions of the history, with the length of a slot in milliseconds. */
export const RESOLUTIONS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const
export type Resolution = keyof typeof RESOLUTIONS

/** A request for more slots is refused. */
export const MAX_SLOTS = 10_000

/** The history that strangers may see, as public as the status page. `PUBLIC_STATUS=state` leaves out `cause`. */
export interface PublicHistory {
  res: Resolution
  /** The start of the first slot and the end of the last one. RFC 3339, UTC. */
  from: string
  to: string
  stepMs: number
  /** Every array has one entry per slot. RFC 3339, UTC. */
  t: string[]
  /** `null`: not observed. */
  state: (SlotState | null)[]
  /** The share of observed minutes in which the home worked, 0 to 1. Maintenance is left out. */
  uptime: (number | null)[]
  /** The share of the slot's minutes that was observed, 0 to 1. For the current slot, the whole slot counts. */
  seen: (number | null)[]
  /** The share of the slot's minutes that was maintenance, 0 to 1. */
  maintenance: (number | null)[]
  /** The cause of most failed minutes. */
  cause?: (Cause | null)[]
  /** Totals for the whole range. */
  all: { uptime: number | null; seen: number; maintenance: number }
}

/** The history for the owner. The percentiles are response times of answered checks, in milliseconds. */
export interface History extends PublicHistory {
  cause: (Cause | null)[]
  p50: (number | null)[]
  p95: (number | null)[]
  p99: (number | null)[]
  all: PublicHistory['all'] & { p50: number | null; p95: number | null; p99: number | null }
}

export type IncidentLevel = 'down' | 'degraded'

/**
 * What happens to an incident. `recovered` ends it, unless it recurs within 15 minutes; `closed` means that it did not recur.
 * `left`: another home is monitored now, so the outcome of this incident is unknown.
 */
export type IncidentKind =
  'opened' | 'changed' | 'worsened' | 'flapping' | 'recovered' | 'recurred' | 'closed' | 'left'

/** Times are RFC 3339, UTC. */
export interface IncidentEvent {
  at: string
  kind: IncidentKind
  level: IncidentLevel
  cause: Cause
  reason: ReasonName
  rung: Rung
}

export interface Incident {
  id: number
  level: IncidentLevel
  /** The first rung that failed. */
  rung: Rung
  cause: Cause
  reason: ReasonName
  title: string
  /** The time of the first failure; `openedAt` is when it was confirmed. */
  startedAt: string
  openedAt: string
  /** `null`: it is still open. */
  endedAt: string | null
  /** From the first failure to the end; `null` while it is open. */
  durationMs: number | null
  flapping: boolean
  events: IncidentEvent[]
}

/** Newest first. */
export interface IncidentList {
  incidents: Incident[]
  /** Pass it as `before` to get older ones; `null`: there are no more. */
  next: number | null
}

/** The last failed checks with a new reason, newest first, with their verdicts at that time. */
export interface FailureList {
  failures: { at: string; verdict: Verdict }[]
}

/** `from` is inclusive, `to` is exclusive. RFC 3339, UTC. */
export interface Maintenance {
  from: string
  to: string
}

export type MonitorPhase = 'unknown' | 'up' | 'degraded' | 'suspect' | 'down' | 'recovering'

/** The current state of the monitor. */
export interface Watch {
  /** `suspect`: it failed once. `recovering`: it has worked again for less than two minutes. */
  phase: MonitorPhase
  /** Since when it has been up, degraded or down; `null`: never observed. */
  since: string | null
  /** The last minute that was checked; `null`: none. */
  checkedAt: string | null
  staleAfterMs: number
  /** Whether the last check is older than `staleAfterMs`. */
  late: boolean
  flapping: boolean
  /** The open incident. */
  incident: Incident | null
  /** Planned or current maintenance. */
  maintenance: Maintenance | null
  /** The use of this day (UTC) so far, and what the free plan allows. Stored once a minute. */
  today: {
    day: string
    rowsWritten: number
    rowsAllowed: number
    /** Calls to the Durable Object that stores everything: each page view and each minute needs a few. */
    calls: number
    callsAllowed: number
    requestsToHome: number
  }
}
