import { expect, test } from 'vitest'
import { alertsOf } from './alert-events.ts'
import type { IncidentEvent } from './incident.ts'

const event = (more: Partial<IncidentEvent> = {}): IncidentEvent => ({
  incident: 1,
  seq: 1,
  kind: 'opened',
  level: 'down',
  at: 120_000,
  cause: 'tunnel_down',
  reason: 'cloudflared_not_connected',
  rung: 'tunnel',
  notify: 'loud',
  ...more,
})

test('the first incidents of two homes have different ids', () => {
  const [one, other] = [1, 2].flatMap((home) => alertsOf(home, [event()], 60_000))
  expect(one?.incident).not.toBe(other?.incident)
  expect(one).toMatchObject({
    seq: 1,
    kind: 'opened',
    cause: 'tunnel_down',
    since: 60_000,
    at: 120_000,
  })
})

test('a flapping home is reported as flapping, not as a changed cause', () => {
  expect(
    alertsOf(1, [event({ kind: 'flapping', notify: 'quiet' })], 0).map(({ kind }) => kind),
  ).toEqual(['flapping'])
})

test('degraded states and silenced incidents send no alert', () => {
  expect(
    alertsOf(1, [event({ level: 'degraded' }), event({ kind: 'closed', notify: null })], 0),
  ).toEqual([])
})
