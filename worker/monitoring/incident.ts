import { LADDER, type Rung } from '../../src/lib/diagnosis/index.ts'
import type { IncidentKind, IncidentLevel } from '../../src/lib/contract/history.ts'
import type { Trouble } from './observation.ts'
import { MINUTE_MS } from '../time.ts'

/** What comes back within this is the same incident. ms. */
export const AFTERGLOW_MS = 15 * MINUTE_MS
/** A cause that changes again and again is not worth more lines than this. */
export const MOST_EVENTS = 40

/** One time of trouble, from its first failure on. Times ms since 1970. */
export interface Incident extends Trouble {
  /** From 1, without gaps. */
  number: number
  level: IncidentLevel
  /** The first failure. */
  startedAt: number
  /** When it was confirmed. */
  openedAt: number
  /** `null` while it lasts. What has ended may come back for a quarter of an hour; then it is closed. */
  endedAt: number | null
  isFlapping: boolean
  /** How many events it has; the last one's number. */
  seq: number
  /** Another cause, seen once: the second time it is believed. */
  doubted: Trouble | null
}

export interface IncidentEvent extends Trouble {
  incident: number
  /** From 1 within the incident. */
  seq: number
  kind: IncidentKind
  level: IncidentLevel
  at: number
  /** Whether somebody is to be told: `loud` rings, `quiet` edits what was told before. */
  tell: 'loud' | 'quiet' | null
}

export interface Told {
  incident: Incident | null
  events: IncidentEvent[]
}

function tell(
  incident: Incident,
  kind: IncidentKind,
  at: number,
  how: IncidentEvent['tell'],
  change: Partial<Incident> = {},
): Told & { incident: Incident } {
  const next = { ...incident, ...change, seq: incident.seq + 1 }
  const { number, seq, level, cause, reason, rung } = next
  return {
    incident: next,
    events: [{ incident: number, seq, kind, level, at, cause, reason, rung, tell: how }],
  }
}

const loudness = (level: IncidentLevel) => (level === 'down' ? 'loud' : 'quiet')

function open(
  number: number,
  level: IncidentLevel,
  trouble: Trouble,
  startedAt: number,
  at: number,
): Told {
  const blank = { endedAt: null, isFlapping: false, seq: 0, doubted: null }
  return tell(
    { number, level, ...trouble, startedAt, openedAt: at, ...blank },
    'opened',
    at,
    loudness(level),
  )
}

/** Trouble is confirmed: a new incident, the worse turn of one that lasts, or the return of one that has just ended. */
export function begin(
  incident: Incident | null,
  level: IncidentLevel,
  trouble: Trouble,
  startedAt: number,
  at: number,
  count: number,
): Told {
  if (incident === null) return open(count + 1, level, trouble, startedAt, at)
  if (incident.endedAt === null)
    return tell(incident, 'worsened', at, 'loud', {
      ...trouble,
      rung: lower(incident.rung, trouble.rung),
      level,
    })
  if (incident.rung === trouble.rung)
    return tell(incident, 'recurred', at, loudness(level), { ...trouble, level, endedAt: null })
  const closed = close(incident, at)
  const opened = open(count + 1, level, trouble, startedAt, at)
  return { incident: opened.incident, events: [...closed.events, ...opened.events] }
}

/** The root is what lies lowest: what stands above it cannot be seen. */
const lower = (one: Rung, other: Rung) => (depth(other) < depth(one) ? other : one)
const depth = (rung: Rung) => (rung === 'generate' ? LADDER.length : LADDER.indexOf(rung))

/** The home still fails. Another cause is told when it is seen twice in a row. */
export function goOn(incident: Incident, trouble: Trouble, at: number): Told {
  const { cause, doubted } = incident
  if (trouble.cause === cause) return { incident: { ...incident, doubted: null }, events: [] }
  if (trouble.cause !== doubted?.cause)
    return { incident: { ...incident, doubted: trouble }, events: [] }
  const change = { ...trouble, rung: lower(incident.rung, trouble.rung), doubted: null }
  if (incident.seq >= MOST_EVENTS) return { incident: { ...incident, ...change }, events: [] }
  return tell(incident, 'changed', at, 'quiet', change)
}

export const flap = (incident: Incident, at: number): Told =>
  incident.isFlapping
    ? { incident, events: [] }
    : tell(incident, 'flapping', at, 'quiet', { isFlapping: true })

export const recover = (incident: Incident, endedAt: number, at: number): Told =>
  tell(incident, 'recovered', at, loudness(incident.level), { endedAt, doubted: null })

/** Another home is watched from now on: this one was dark when it was last seen. */
export const leave = (incident: Incident, at: number): Told =>
  tell(incident, 'left', at, loudness(incident.level), { endedAt: at, doubted: null })

function close(incident: Incident, at: number): Told {
  return { incident: null, events: tell(incident, 'closed', at, null).events }
}

/** What has ended long enough ago cannot come back. */
export const settle = (incident: Incident | null, at: number): Told =>
  incident !== null && incident.endedAt !== null && at - incident.endedAt >= AFTERGLOW_MS
    ? close(incident, at)
    : { incident, events: [] }
