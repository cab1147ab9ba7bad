import type { Incident, IncidentEvent, IncidentList } from '../../src/lib/contract/history.ts'
import { CAUSES, type Verdict } from '../../src/lib/diagnosis/index.ts'
import type { Incident as OpenIncident, IncidentEvent as StepEvent } from './incident.ts'

/** Incidents that are remembered. The oldest goes when a new one opens. */
export const KEPT_INCIDENTS = 1000
/** Failures that are kept with all that was seen. */
export const KEPT_FAILURES = 50

type Row = Pick<Incident, 'level' | 'rung' | 'cause' | 'reason'> & {
  number: number
  started_at: number
  opened_at: number
  ended_at: number | null
  flapping: number
}
type EventRow = Omit<IncidentEvent, 'at'> & { incident: number; at: number }

const COLUMNS = 'number, level, rung, cause, reason, started_at, opened_at, ended_at, flapping'

export interface IncidentQuery {
  limit: number
  before?: number
}

/** What went wrong at the home, and what became of it. */
export function incidentsOf(sql: SqlStorage, home: number) {
  function record(incident: OpenIncident | null, events: readonly StepEvent[]) {
    for (const event of events) add(event)
    // Closing changes nothing that is kept: it ended when it recovered.
    if (incident !== null && events.some((event) => event.incident === incident.number))
      put(incident)
    if (events.some(({ kind }) => kind === 'opened'))
      forget((incident?.number ?? 0) - KEPT_INCIDENTS)
  }

  function add({ incident, seq, at, kind, level, rung, cause, reason, tell }: StepEvent) {
    sql.exec(
      `INSERT OR IGNORE INTO incident_event (home, incident, seq, at, kind, level, rung, cause, reason, tell)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[home, incident, seq, at, kind, level, rung, cause, reason, tell],
    )
  }

  function put({
    number,
    level,
    rung,
    cause,
    reason,
    startedAt,
    openedAt,
    endedAt,
    isFlapping,
  }: OpenIncident) {
    sql.exec(
      `INSERT OR REPLACE INTO incident (home, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[
        home,
        number,
        level,
        rung,
        cause,
        reason,
        startedAt,
        openedAt,
        endedAt,
        isFlapping ? 1 : 0,
      ],
    )
  }

  /** They have numbers without gaps, so one goes at a time. */
  function forget(number: number) {
    sql.exec('DELETE FROM incident WHERE home = ? AND number = ?', home, number)
    sql.exec('DELETE FROM incident_event WHERE home = ? AND incident = ?', home, number)
  }

  function list({ limit, before }: IncidentQuery): IncidentList {
    const rows = sql
      .exec<Row>(
        `SELECT ${COLUMNS} FROM incident WHERE home = ? AND number < ? ORDER BY number DESC LIMIT ?`,
        ...[home, before ?? Number.MAX_SAFE_INTEGER, limit + 1],
      )
      .toArray()
    const page = rows.slice(0, limit)
    const last = page.at(-1)?.number ?? 0
    const events = last > 0 ? eventsFrom(last, page[0]?.number ?? last) : []
    return {
      incidents: page.map((row) => told(row, events)),
      next: rows.length > limit ? last : null,
    }
  }

  function find(number: number): Incident | null {
    const { incidents } = list({ limit: 1, before: number + 1 })
    return incidents.find(({ id }) => id === number) ?? null
  }

  function eventsFrom(first: number, last: number): EventRow[] {
    return sql
      .exec<EventRow>(
        `SELECT incident, at, kind, level, cause, reason, rung FROM incident_event
           WHERE home = ? AND incident >= ? AND incident <= ? ORDER BY incident, seq`,
        ...[home, first, last],
      )
      .toArray()
  }

  /** `nth` counts from 1; the newest 50 stay, however many minutes went well since. */
  function keepFailure(nth: number, at: number, verdict: Verdict) {
    sql.exec(
      'INSERT OR REPLACE INTO failure (home, slot, at, verdict) VALUES (?, ?, ?, ?)',
      ...[home, nth % KEPT_FAILURES, at, JSON.stringify(verdict)],
    )
  }

  /** A `FailureList` as JSON. */
  function failures(): string {
    const rows = sql
      .exec<{ at: number; verdict: string }>(
        'SELECT at, verdict FROM failure WHERE home = ? ORDER BY at DESC',
        home,
      )
      .toArray()
    const parts = rows.map(({ at, verdict }) => `{"at":"${iso(at)}","verdict":${verdict}}`)
    return `{"failures":[${parts.join(',')}]}`
  }

  return { record, list, find, keepFailure, failures }
}

const iso = (ms: number) => new Date(ms).toISOString()

/** A home that works, but not as it should, would else be an incident called “Everything answers”. */
const titleOf = (cause: Row['cause'], reason: Row['reason']) =>
  cause === 'ok'
    ? reason === 'slow'
      ? 'Slow answers'
      : 'It works worse than it should'
    : CAUSES[cause].title

function told(
  { number, level, rung, cause, reason, started_at, opened_at, ended_at, flapping }: Row,
  events: readonly EventRow[],
): Incident {
  return {
    ...{ id: number, level, rung, cause, reason, title: titleOf(cause, reason) },
    startedAt: iso(started_at),
    openedAt: iso(opened_at),
    endedAt: ended_at === null ? null : iso(ended_at),
    durationMs: ended_at === null ? null : ended_at - started_at,
    flapping: flapping === 1,
    events: events
      .filter(({ incident }) => incident === number)
      .map(({ incident: _, at, ...event }) => ({ ...event, at: iso(at) })),
  }
}
