import { render } from 'svelte/server'
import { describe, expect, test } from 'vitest'
import type { ExposureReport } from '../contract/exposure.ts'
import type { SlotLetter } from '../contract/slots.ts'
import type { StatusSnapshot } from '../contract/status.ts'
import { dayPaths, hourPaths, describeHours, describeMaintenance, uptimeOf } from './charts.ts'
import Page from './Page.svelte'
import { blindSnapshot, warmableOf } from './view.ts'

const NOW = Date.parse('2026-11-24T14:00:00Z')
const iso = (minutesAgo: number) => new Date(NOW - minutesAgo * 60_000).toISOString()
const day = (up: number | null, maintenance = 0) => ({
  day: '2026-11-24',
  up,
  observed: up === null ? 0 : 1 - maintenance,
  maintenance,
})

type OwnersSnapshot = Extract<StatusSnapshot, { viewer: 'owner' }>

const owners = (more: Partial<OwnersSnapshot> = {}): StatusSnapshot => ({
  v: 1,
  viewer: 'owner',
  health: null,
  days: [day(1)],
  maintenance: null,
  hours: [],
  uptime: null,
  quick: { p50: null, p95: null },
  incidents: [],
  atHome: null,
  exposure: null,
  ...more,
})
const strangers: StatusSnapshot = {
  v: 1,
  viewer: 'public',
  days: [day(1), day(null, 1)],
  maintenance: { from: iso(5), to: iso(-25) },
  health: {
    status: 'fail',
    cause: 'tunnel_down',
    rung: 'tunnel',
    title: 'Tunnel is down',
    checkedAt: iso(1),
    since: iso(9),
    staleAfterMs: 120_000,
  },
}
const page = (snapshot: StatusSnapshot, now = NOW) =>
  render(Page, { props: { snapshot, now } }).body.replace(/<!--.*?-->/gs, '')
const words = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')

describe('chart of 24 hours', () => {
  const hours: SlotLetter[] = [
    ...Array<SlotLetter>(280).fill('u'),
    'd',
    'd',
    'u',
    'm',
    'm',
    'm',
    '-',
    'u',
  ]

  test('the sentence under the chart of 24 hours does not count maintenance and unobserved time as downtime', () => {
    expect(describeHours(hours)).toBe(
      '24 hours: down once, 10 minutes in total, 15 minutes of maintenance, 5 minutes not observed',
    )
    expect(describeHours(Array<SlotLetter>(288).fill('u'))).toBe('24 hours: never down')
  })

  test('every state has its own height in the chart, so that it can be read without colours', () => {
    const heights = Object.values(hourPaths(hours)).map((path) => /v(\d+)h/.exec(path)?.[1])
    expect(heights).toEqual(['36', undefined, '20', '12', '6'])
  })
})

describe('chart of 90 days', () => {
  test('maintenance does not count towards uptime, and a day of maintenance has its own kind of bar', () => {
    const days = [day(1), day(0.5, 0.5), day(null, 1), day(null)]
    expect(uptimeOf(days)).toEqual({ up: 1.25 / 1.5, observed: 1.5 / 4 })
    const { maintenance, unseen } = dayPaths(days)
    expect([maintenance.split('M').length - 1, unseen.split('M').length - 1]).toEqual([1, 1])
    expect([describeMaintenance(days), describeMaintenance([day(1)])]).toEqual([
      ', maintenance on 2 days',
      '',
    ])
  })
})

test('Warm up loads the first wanted model, or else the first that runs at home', () => {
  expect(warmableOf({ wanted: ['qwen3:8b'], models: ['llama3.2:latest', 'qwen3:8b'] })).toBe(
    'qwen3:8b',
  )
  expect(warmableOf({ wanted: [], models: ['gpt-oss:120b-cloud', 'llama3.2:latest'] })).toBe(
    'llama3.2:latest',
  )
  expect(warmableOf({ wanted: [], models: null })).toBeNull()
})

describe('status page', () => {
  test('strangers see the current maintenance and the meaning of its pattern on the status page', () => {
    const text = words(page(strangers))
    expect(text).toContain('Maintenance until 14:25 UTC')
    expect(text).toMatch(/up down maintenance not observed/)
    expect(page(strangers)).toContain('maintenance on one day')
  })

  test('strangers do not see runs, incidents or exposure on the status page', () => {
    expect(words(page(strangers))).not.toMatch(/At home|Incidents|Fix it|Alerts|Runs|free plan/)
  })

  test.each([
    [
      { state: 'open', hiddenUntil: null },
      /Anyone who knows the address can use your Ollama.*How to close it/,
    ],
    [
      { state: 'open', hiddenUntil: iso(-999) },
      /Anyone who knows the address can use your Ollama.*hidden for now/,
    ],
    [
      { state: 'closed', advisory: { id: 'CVE-1', version: '0.1.0', fixedIn: '0.2.0' } },
      /Your Ollama 0\.1\.0 has a security hole/,
    ],
  ] as const)('the owner is warned about a home that is %o', (seen, warning) => {
    const report: ExposureReport = {
      checkedAt: iso(9),
      fix: [{ text: 'Ask for a password.' }],
      hiddenUntil: null,
      advisory: null,
      ...seen,
    }
    expect(words(page(owners({ exposure: report })))).toMatch(warning)
    expect(words(page(owners({ exposure: { ...report, state: 'not_public' } })))).not.toMatch(
      /Anyone who|has a security hole/,
    )
  })

  test('the owner sees the current runs, the queue, and today’s use of the free plan on the status page', () => {
    const atHome = {
      running: [{ lane: 'guest' as const, model: 'llama3.2', since: iso(2) }],
      waiting: 2,
      reading: { model: 'qwen3:8b', since: iso(1) },
      meter: {
        day: '2026-11-24',
        rowsWritten: 4321,
        rowsAllowed: 100_000,
        calls: 2500,
        callsAllowed: 100_000,
        requestsToHome: 77,
      },
    }
    const text = words(page(owners({ atHome })))
    expect(text).toContain('llama3.2 answers a guest, for 2 min')
    expect(text).toContain('qwen3:8b is still reading the prompt of a stopped run')
    expect(text).toContain('2 in the queue.')
    expect(text).toContain('4,321 of 100,000 (4.3 %)')
    expect(text).toContain('2,500 of 100,000 (2.5 %)')
  })

  test('a status page with an old verdict says that the checker is late, even without scripts', () => {
    expect(page(strangers)).toMatch(/id="banner"[^>]* hidden/)
    const late = page(strangers, NOW + 5 * 60_000)
    expect(late).not.toMatch(/id="banner"[^>]* hidden/)
    expect(words(late)).toContain('Our checker is late. This says nothing about your home.')
  })

  test('a fault of Porchlight itself is shown as Unknown, without a claim about the home', () => {
    const text = words(page(blindSnapshot(NOW)))
    expect(text).toContain('Unknown')
    expect(text).toContain('This says nothing about the home.')
  })
})
