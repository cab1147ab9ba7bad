import { describe, expect, test } from 'vitest'
import { CAUSES, type Cause } from '../../src/lib/diagnosis/index.ts'
import { messageOf } from './message.ts'

const causes = Object.keys(CAUSES) as Cause[]
const since = Date.parse('2026-11-24T14:02:10Z')
const at = since + 3 * 60_000

describe('the text of an alert', () => {
  test.each(causes)(
    'the alert for %s starts with the state and the cause, and says since when and what to do',
    (cause) => {
      const { title, body } = messageOf({ kind: 'opened', cause, since, at })
      expect(title).toMatch(/^(Offline|Slow|Model missing|No home|Unknown): /)
      expect(title).toContain(CAUSES[cause].title)
      expect(body).toMatch(/^Since 14:02 UTC \(3 min\)\. [A-Z].{15,}\.$/)
      expect(title.length).toBeLessThan(70)
      expect(body.length).toBeLessThan(130)
    },
  )

  test.each(causes)('the alert for %s says when the cause has changed', (cause) => {
    const opened = messageOf({ kind: 'opened', cause, since, at })
    const changed = messageOf({ kind: 'changed', cause, since, at })
    expect(changed).toEqual({
      ...opened,
      body: `The cause has changed. ${opened.body}`,
      isUrgent: false,
    })
    const flapping = messageOf({ kind: 'flapping', cause, since, at })
    expect(flapping).toEqual({
      ...opened,
      body: `It comes and goes. ${opened.body}`,
      isUrgent: false,
    })
  })

  test.each(causes)('the closing alert for %s says how long it lasted and what it was', (cause) => {
    const { title, body, isUrgent } = messageOf({
      kind: 'closed',
      cause,
      since,
      at: since + 125 * 60_000,
    })
    expect([title, isUrgent]).toEqual(['Online: Everything answers', false])
    expect(body).toBe(
      cause === 'ok' ? 'After 2 h 5 min.' : `After 2 h 5 min. It was: ${CAUSES[cause].title}.`,
    )
  })

  test.each(causes)(
    'the alert for %s does not say recovered when the home is no longer watched',
    (cause) => {
      const { title, body, isUrgent } = messageOf({ kind: 'left', cause, since, at })
      expect([title, isUrgent]).toEqual(['This home is not watched any more', false])
      expect(body).toContain('It was dark for 3 min when it was last seen')
      expect(`${title} ${body}`).not.toMatch(/online|recovered|mended/i)
    },
  )

  test.each(causes)('the alert for %s contains no address and no exclamation mark', (cause) => {
    for (const kind of ['opened', 'changed', 'flapping', 'closed', 'left', 'test'] as const) {
      const { title, body } = messageOf({ kind, cause, since, at })
      expect(`${title} ${body}`).not.toMatch(
        /https?:|\d+\.\d+|:\d{4}|\w\.(com|dev|example|local)|!|oops|undefined/i,
      )
    }
  })

  test('only an alert for a new outage is urgent', () => {
    const urgent = causes.filter(
      (cause) => messageOf({ kind: 'opened', cause, since, at }).isUrgent,
    )
    expect(causes.filter((cause) => !urgent.includes(cause))).toEqual([
      'ok',
      'not_configured',
      'model_missing',
      'observer_blind',
    ])
  })

  test('an alert names the day if the incident began on another day', () => {
    const { body } = messageOf({
      kind: 'opened',
      cause: 'timed_out',
      since,
      at: since + 27 * 3_600_000,
    })
    expect(body).toContain('Since 24 Nov, 14:02 UTC (1 day 3 h).')
  })

  test.each([
    [-5, 'under a minute'],
    [60_000, '1 min'],
    [3_600_000, '1 h'],
    [86_400_000, '1 day'],
  ])('an outage of %i ms lasted %s', (ms, text) =>
    expect(messageOf({ kind: 'closed', cause: 'ok', since, at: since + ms }).body).toBe(
      `After ${text}.`,
    ),
  )
})
