import type { Alert, AlertKind } from '../../src/lib/contract/alerts.ts'
import type { IncidentKind } from '../../src/lib/contract/history.ts'
import type { IncidentEvent } from './incident.ts'

/** `null`: no alert. */
const ALERT_KINDS = {
  opened: 'opened',
  recurred: 'opened',
  worsened: 'opened',
  changed: 'changed',
  flapping: 'flapping',
  recovered: 'closed',
  left: 'left',
  closed: null,
} as const satisfies Record<IncidentKind, AlertKind | null>

/** Every home counts its incidents from 1, so the home's number makes them unique for receivers. */
const INCIDENTS_PER_HOME = 1_000_000_000

/** The alerts for these events. A degraded home causes no alert; the page shows it. */
export function alertsOf(home: number, events: readonly IncidentEvent[], since: number): Alert[] {
  return events.flatMap(({ incident, seq, kind: event, level, notify, cause, at }) => {
    const kind = notify === null || level !== 'down' ? null : ALERT_KINDS[event]
    return kind === null
      ? []
      : [{ incident: home * INCIDENTS_PER_HOME + incident, seq, kind, cause, since, at }]
  })
}
