import { LADDER, type Rung } from '../../src/lib/diagnosis/index.ts'
import type { IncidentKind, IncidentLevel } from '../../src/lib/contract/history.ts'
import { MINUTE_MS } from '../time.ts'
import type { Trouble } from './observation.ts'

/** A home that fails again within this time continues the same incident. */
const RECURRENCE_WINDOW_MS = 15 * MINUTE_MS
/** An incident whose cause keeps changing records no more changes after this many events. */
const MAX_EVENTS = 40

/** Times are ms since 1970. */
export interface Incident extends Trouble {
  /** From 1, without gaps. */
  number: number
  level: IncidentLevel
  /** The first failure; `openedAt` is when it was confirmed. */
  startedAt: number
  openedAt: number
  /** `null` while it lasts. An ended incident may recur for 15 minutes; then it is closed. */
  endedAt: number | null
  isFlapping: boolean
  /** The number of its last event. */
  seq: number
  /** A different cause that was observed once. A second observation confirms it. */
  doubted: Trouble | null
}

export interface IncidentEvent extends Trouble {
  incident: number
  /** From 1 within the incident. */
  seq: number
  kind: IncidentKind
  level: IncidentLevel
  at: number
  /** `loud` makes a sound, `quiet` updates the notification that is shown. */
  notify: 'loud' | 'quiet' | null
}

export interface IncidentChange {
  incident: Incident | null
  events: IncidentEvent[]
}

export const unchanged = (incident: Incident | null): IncidentChange => ({ incident, events: [] })

function record(
  incident: Incident,
  kind: IncidentKind,
  at: number,
  notify: IncidentEvent['notify'],
  change: Partial<Incident> = {},
): { incident: Incident; events: IncidentEvent[] } {
  const next = { ...incident, ...change, seq: incident.seq + 1 }
  const { number, seq, level, cause, reason, rung } = next
  return {
    incident: next,
    events: [{ incident: number, seq, kind, level, at, cause, reason, rung, notify }],
  }
}

const loudnessOf = (level: IncidentLevel) => (level === 'down' ? 'loud' : 'quiet')

/** A failure that is confirmed at `at` and started at `startedAt`. */
export interface ConfirmedFailure {
  level: IncidentLevel
  trouble: Trouble
  startedAt: number
  at: number
}

function open(number: number, { level, trouble, startedAt, at }: ConfirmedFailure): IncidentChange {
  const incident: Incident = {
    ...trouble,
    number,
    level,
    startedAt,
    openedAt: at,
    endedAt: null,
    isFlapping: false,
    seq: 0,
    doubted: null,
  }
  return record(incident, 'opened', at, loudnessOf(level))
}

/** Opens an incident, escalates the one that lasts, or continues the one that has just ended. `count`: incidents so far. */
export function confirm(
  incident: Incident | null,
  failure: ConfirmedFailure,
  count: number,
): IncidentChange {
  if (incident === null) return open(count + 1, failure)
  const { level, trouble, at } = failure
  if (incident.endedAt === null) {
    const rung = lowerOf(incident.rung, trouble.rung)
    return record(incident, 'worsened', at, 'loud', { ...trouble, rung, level })
  }
  if (incident.rung === trouble.rung) {
    const change = { ...trouble, level, endedAt: null }
    return record(incident, 'recurred', at, loudnessOf(level), change)
  }
  const opened = open(count + 1, failure)
  return { ...opened, events: [...close(incident, at).events, ...opened.events] }
}

/** The lowest failing rung is the root, because it hides the rungs above it. */
const lowerOf = (one: Rung, other: Rung) => (heightOf(other) < heightOf(one) ? other : one)
const heightOf = (rung: Rung) => (rung === 'generate' ? LADDER.length : LADDER.indexOf(rung))

/** The home still fails. Two consecutive observations of a different cause change the cause of the incident. */
export function updateCause(incident: Incident, trouble: Trouble, at: number): IncidentChange {
  const { cause, doubted } = incident
  if (trouble.cause === cause) return unchanged({ ...incident, doubted: null })
  if (trouble.cause !== doubted?.cause) return unchanged({ ...incident, doubted: trouble })
  const change = { ...trouble, rung: lowerOf(incident.rung, trouble.rung), doubted: null }
  if (incident.seq >= MAX_EVENTS) return unchanged({ ...incident, ...change })
  return record(incident, 'changed', at, 'quiet', change)
}

export const markFlapping = (incident: Incident, at: number): IncidentChange =>
  incident.isFlapping
    ? unchanged(incident)
    : record(incident, 'flapping', at, 'quiet', { isFlapping: true })

export const recover = (incident: Incident, endedAt: number, at: number): IncidentChange =>
  record(incident, 'recovered', at, loudnessOf(incident.level), { endedAt, doubted: null })

/** Ends the incident of a home that is no longer monitored. */
export const abandon = (incident: Incident, at: number): IncidentChange =>
  record(incident, 'left', at, loudnessOf(incident.level), { endedAt: at, doubted: null })

const close = (incident: Incident, at: number): IncidentChange => ({
  incident: null,
  events: record(incident, 'closed', at, null).events,
})

export const closeIfExpired = (incident: Incident | null, at: number): IncidentChange =>
  incident !== null && incident.endedAt !== null && at - incident.endedAt >= RECURRENCE_WINDOW_MS
    ? close(incident, at)
    : unchanged(incident)
