import type { Incident, IncidentEvent, IncidentList } from '../../src/lib/contract/history.ts'
import { CAUSES, type Verdict } from '../../src/lib/diagnosis/index.ts'
import type { Incident as MonitoredIncident, IncidentEvent as MonitoredEvent } from './incident.ts'
import { iso } from '../time.ts'

/** The oldest incident is deleted when a new one opens. */
const MAX_INCIDENTS = 1000
/** Failed checks that are stored with their evidence. */
const MAX_FAILURES = 50

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

/** The incidents of one home, their events, and the failed checks behind them. */
export class IncidentStore {
  readonly #sql: SqlStorage
  readonly #home: number

  constructor(sql: SqlStorage, home: number) {
    this.#sql = sql
    this.#home = home
  }

  record(incident: MonitoredIncident | null, events: readonly MonitoredEvent[]) {
    for (const event of events) this.#addEvent(event)
    // An incident that closes needs no update: it ended when it recovered.
    if (incident !== null && events.some((event) => event.incident === incident.number))
      this.#put(incident)
    if (events.some(({ kind }) => kind === 'opened'))
      this.#remove((incident?.number ?? 0) - MAX_INCIDENTS)
  }

  list({ limit, before }: IncidentQuery): IncidentList {
    const rows = this.#sql
      .exec<Row>(
        `SELECT ${COLUMNS} FROM incident WHERE home = ? AND number < ? ORDER BY number DESC LIMIT ?`,
        ...[this.#home, before ?? Number.MAX_SAFE_INTEGER, limit + 1],
      )
      .toArray()
    const page = rows.slice(0, limit)
    const last = page.at(-1)?.number ?? 0
    const events = last > 0 ? this.#events(last, page[0]?.number ?? last) : []
    return {
      incidents: page.map((row) => incidentFrom(row, events)),
      next: rows.length > limit ? last : null,
    }
  }

  find(number: number): Incident | null {
    const { incidents } = this.list({ limit: 1, before: number + 1 })
    return incidents.find(({ id }) => id === number) ?? null
  }

  /** `nth` counts failures from 1. The newest 50 stay, however long ago they happened. */
  saveFailure(nth: number, at: number, verdict: Verdict) {
    this.#sql.exec(
      'INSERT OR REPLACE INTO failure (home, slot, at, verdict) VALUES (?, ?, ?, ?)',
      ...[this.#home, nth % MAX_FAILURES, at, JSON.stringify(verdict)],
    )
  }

  /** A `FailureList` as JSON. */
  failures(): string {
    const rows = this.#sql
      .exec<{
        at: number
        verdict: string
      }>('SELECT at, verdict FROM failure WHERE home = ? ORDER BY at DESC', this.#home)
      .toArray()
    const parts = rows.map(({ at, verdict }) => `{"at":"${iso(at)}","verdict":${verdict}}`)
    return `{"failures":[${parts.join(',')}]}`
  }

  #addEvent({ incident, seq, at, kind, level, rung, cause, reason, notify }: MonitoredEvent) {
    this.#sql.exec(
      `INSERT OR IGNORE INTO incident_event (home, incident, seq, at, kind, level, rung, cause, reason, tell)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[this.#home, incident, seq, at, kind, level, rung, cause, reason, notify],
    )
  }

  #put(incident: MonitoredIncident) {
    const { number, level, rung, cause, reason, startedAt, openedAt, endedAt } = incident
    const isFlapping = incident.isFlapping ? 1 : 0
    this.#sql.exec(
      `INSERT OR REPLACE INTO incident (home, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[this.#home, number, level, rung, cause, reason, startedAt, openedAt, endedAt, isFlapping],
    )
  }

  /** Numbers have no gaps, so deleting one incident per new one is enough. */
  #remove(number: number) {
    this.#sql.exec('DELETE FROM incident WHERE home = ? AND number = ?', this.#home, number)
    this.#sql.exec('DELETE FROM incident_event WHERE home = ? AND incident = ?', this.#home, number)
  }

  #events(first: number, last: number): EventRow[] {
    return this.#sql
      .exec<EventRow>(
        `SELECT incident, at, kind, level, cause, reason, rung FROM incident_event
           WHERE home = ? AND incident >= ? AND incident <= ? ORDER BY incident, seq`,
        ...[this.#home, first, last],
      )
      .toArray()
  }
}

/** A degraded home may have the cause `ok`, whose title is “Everything answers”. */
function titleOf({ cause, reason }: Row): string {
  if (cause !== 'ok') return CAUSES[cause].title
  return reason === 'slow' ? 'Slow answers' : 'Works worse than it should'
}

function incidentFrom(row: Row, events: readonly EventRow[]): Incident {
  const { number, level, rung, cause, reason, started_at, opened_at, ended_at } = row
  return {
    id: number,
    level,
    rung,
    cause,
    reason,
    title: titleOf(row),
    startedAt: iso(started_at),
    openedAt: iso(opened_at),
    endedAt: ended_at === null ? null : iso(ended_at),
    durationMs: ended_at === null ? null : ended_at - started_at,
    flapping: row.flapping === 1,
    events: events
      .filter(({ incident }) => incident === number)
      .map(({ incident: _, at, ...event }) => ({ ...event, at: iso(at) })),
  }
}
