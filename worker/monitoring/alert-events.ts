import type { Alert, AlertKind } from '../../src/lib/contract/alerts.ts'
import type { IncidentKind } from '../../src/lib/contract/history.ts'
import type { IncidentEvent } from './incident.ts'

/** What an incident's change is to somebody who is told of it; `null`: nothing. */
const KINDS = {
  opened: 'opened',
  recurred: 'opened',
  worsened: 'opened',
  changed: 'changed',
  flapping: 'flapping',
  recovered: 'closed',
  left: 'left',
  closed: null,
} as const satisfies Record<IncidentKind, AlertKind | null>

/** More than any home will ever have. */
const INCIDENTS_OF_A_HOME = 1_000_000_000

/**
 * What of these the owner is told. A home that merely works worse rings nobody; the page says so. Every home counts its
 * incidents from 1, so to a receiver an incident is known by the home's number, too. Times ms since 1970.
 */
export function alertsOf(home: number, events: readonly IncidentEvent[], since: number): Alert[] {
  return events.flatMap(({ incident, seq, kind, level, tell, cause, at }) => {
    const told = tell === null || level !== 'down' ? null : KINDS[kind]
    return told === null
      ? []
      : [{ incident: home * INCIDENTS_OF_A_HOME + incident, seq, kind: told, cause, since, at }]
  })
}
