import type { Cause, ReasonName, Rung, Verdict } from '../diagnosis/index.ts'

/** How finely the history is told, and how long a slot of it is. ms. */
export const RESOLUTIONS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const
export type Resolution = keyof typeof RESOLUTIONS

/** More slots than this are refused. */
export const MOST_SLOTS = 10_000

/**
 * What was confirmed in a slot. `blip`: it failed for a moment, which was not confirmed, so it does not count as down.
 * `maintenance`: the owner had planned it, so it counts as nothing.
 */
export type SlotState = 'up' | 'degraded' | 'blip' | 'down' | 'maintenance'

/** What strangers may know of a day: as public as the status page. `PUBLIC_STATUS=state` leaves out `cause`. */
export interface PublicHistory {
  res: Resolution
  /** The first slot, and where the last one ends. RFC 3339, UTC. */
  from: string
  to: string
  stepMs: number
  /** One entry a slot, in every array. RFC 3339, UTC. */
  t: string[]
  /** `null`: nobody looked. */
  state: (SlotState | null)[]
  /** The share of the minutes seen in which the home worked, 0 to 1; those of maintenance are not among them. */
  uptime: (number | null)[]
  /** The share of the slot's minutes that was seen, 0 to 1; of a slot that is not over, of the whole slot. */
  seen: (number | null)[]
  /** The share of the slot's minutes that was maintenance, 0 to 1. */
  maintenance: (number | null)[]
  /** What most of the failed minutes failed of. */
  cause?: (Cause | null)[]
  /** The whole range in one. */
  all: { uptime: number | null; seen: number; maintenance: number }
}

/** The same for the owner. Durations are those of checks that were answered, ms. */
export interface History extends PublicHistory {
  cause: (Cause | null)[]
  p50: (number | null)[]
  p95: (number | null)[]
  p99: (number | null)[]
  all: PublicHistory['all'] & { p50: number | null; p95: number | null; p99: number | null }
}

export type IncidentLevel = 'down' | 'degraded'

/**
 * What happens to an incident. `recovered` is its end unless it recurs within 15 minutes, `closed` says that it did not;
 * `left`: another home is watched now, and nobody knows what became of this one.
 */
export type IncidentKind =
  'opened' | 'changed' | 'worsened' | 'flapping' | 'recovered' | 'recurred' | 'closed' | 'left'

/** Times RFC 3339, UTC. */
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
  /** The lowest rung that was dark. */
  rung: Rung
  cause: Cause
  reason: ReasonName
  title: string
  /** The first failure; `openedAt` is when it was confirmed. */
  startedAt: string
  openedAt: string
  /** `null`: it lasts. */
  endedAt: string | null
  /** From the first failure to the end; `null` while it lasts. */
  durationMs: number | null
  flapping: boolean
  events: IncidentEvent[]
}

/** Newest first. */
export interface IncidentList {
  incidents: Incident[]
  /** Give it as `before` to get the older ones; `null`: there are none. */
  next: number | null
}

/** The last failed checks whose reason was news, newest first, as they were told. */
export interface FailureList {
  failures: { at: string; verdict: Verdict }[]
}

/** From (inclusive) to (exclusive), RFC 3339, UTC. */
export interface Maintenance {
  from: string
  to: string
}

export type MonitorPhase = 'unknown' | 'up' | 'degraded' | 'suspect' | 'down' | 'recovering'

/** What the monitor holds to be true at the moment. */
export interface Watch {
  /** `suspect`: it failed once; `recovering`: it works again, for less than two minutes. */
  phase: MonitorPhase
  /** Since when it is up, degraded or down; `null` when nothing was ever seen. */
  since: string | null
  /** The newest minute that was looked at; `null`: none. */
  checkedAt: string | null
  staleAfterMs: number
  /** No tick has come for longer than that. */
  late: boolean
  flapping: boolean
  /** The one that lasts. */
  incident: Incident | null
  /** What the owner has planned, and is not over. */
  maintenance: Maintenance | null
  /** What this day (UTC) has cost so far, against what the free plan allows. Kept once a minute. */
  today: {
    day: string
    rowsWritten: number
    rowsAllowed: number
    /** Of the one object that keeps everything: each page and each minute takes a few. */
    calls: number
    callsAllowed: number
    requestsToHome: number
  }
}
