import { describe, expect, test } from 'vitest'
import { CAUSES, type Cause } from '../../src/lib/diagnosis/index.ts'
import { textOf } from './notification.ts'

const causes = Object.keys(CAUSES) as Cause[]
const since = Date.parse('2026-11-24T14:02:10Z')
const at = since + 3 * 60_000

describe('the text of an alert', () => {
  test.each(causes)(
    'an alert about %s names the state, the cause, since when, and what to do',
    (cause) => {
      const { title, body } = textOf({ kind: 'opened', cause, since, at })
      expect(title).toMatch(/^(Offline|Slow|Model missing|No home|Unknown): /)
      expect(title).toContain(CAUSES[cause].title)
      expect(body).toMatch(/^Since 14:02 UTC \(3 min\)\. [A-Z].{15,}\.$/)
      expect(title.length).toBeLessThan(70)
      expect(body.length).toBeLessThan(130)
    },
  )

  test.each(causes)('an update about %s says what changed and is not urgent', (cause) => {
    const opened = textOf({ kind: 'opened', cause, since, at })
    const changed = textOf({ kind: 'changed', cause, since, at })
    expect(changed).toEqual({
      ...opened,
      body: `The cause has changed. ${opened.body}`,
      isUrgent: false,
    })
    const flapping = textOf({ kind: 'flapping', cause, since, at })
    expect(flapping).toEqual({
      ...opened,
      body: `It comes and goes. ${opened.body}`,
      isUrgent: false,
    })
  })

  test.each(causes)('the end of %s says how long the home was down and why', (cause) => {
    const { title, body, isUrgent } = textOf({
      kind: 'closed',
      cause,
      since,
      at: since + 125 * 60_000,
    })
    expect([title, isUrgent]).toEqual(['Online: Everything answers', false])
    expect(body).toBe(
      `It was down for 2 h 5 min.${cause === 'ok' ? '' : ` The cause was: ${CAUSES[cause].title}.`}`,
    )
  })

  test.each(causes)(
    '%s at a home that is no longer monitored is not reported as recovered',
    (cause) => {
      const { title, body, isUrgent } = textOf({ kind: 'left', cause, since, at })
      expect([title, isUrgent]).toEqual(['This home is no longer monitored', false])
      expect(body).toContain('At the last check it had been down for 3 min')
      expect(`${title} ${body}`).not.toMatch(/online|recovered|fixed/i)
    },
  )

  test.each(causes)('a text about %s contains no address and does not shout', (cause) => {
    for (const kind of ['opened', 'changed', 'flapping', 'closed', 'left', 'test'] as const) {
      const { title, body } = textOf({ kind, cause, since, at })
      expect(`${title} ${body}`).not.toMatch(
        /https?:|\d+\.\d+|:\d{4}|\w\.(com|dev|example|local)|!|oops|undefined/i,
      )
    }
  })

  test('an alert is urgent only if the home is down', () => {
    const urgent = causes.filter((cause) => textOf({ kind: 'opened', cause, since, at }).isUrgent)
    expect(causes.filter((cause) => !urgent.includes(cause))).toEqual([
      'ok',
      'not_configured',
      'model_missing',
      'observer_blind',
    ])
  })

  test('a text names the date of a failure that started on another day', () => {
    const { body } = textOf({
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
    expect(textOf({ kind: 'closed', cause: 'ok', since, at: since + ms }).body).toBe(
      `It was down for ${text}.`,
    ),
  )
})
