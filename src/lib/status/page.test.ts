import { render } from 'svelte/server'
import { describe, expect, test } from 'vitest'
import type { ExposureReport } from '../contract/exposure.ts'
import type { Slot, StatusSnapshot } from '../contract/status.ts'
import { dayPaths, hourPaths, hoursSaid, plannedSaid, uptimeOf } from './charts.ts'
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
  ...{
    v: 1,
    viewer: 'owner',
    health: null,
    days: [day(1)],
    maintenance: null,
    hours: [],
    uptime: null,
  },
  ...{ quick: { p50: null, p95: null }, incidents: [], atHome: null, exposure: null },
  ...more,
})
const strangers: StatusSnapshot = {
  ...{
    v: 1,
    viewer: 'public',
    days: [day(1), day(null, 1)],
    maintenance: { from: iso(5), to: iso(-25) },
  },
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

describe('the strip of 24 hours', () => {
  const hours: Slot[] = [...Array<Slot>(280).fill('u'), 'd', 'd', 'u', 'm', 'm', 'm', '-', 'u']

  test('is told in a sentence, maintenance and gaps apart from what was down', () => {
    expect(hoursSaid(hours)).toBe(
      '24 hours: down once, about 10 minutes together, 15 minutes of maintenance, 5 minutes not observed',
    )
    expect(hoursSaid(Array<Slot>(288).fill('u'))).toBe('24 hours: never down')
  })

  test('gives every kind a height of its own, so that no colour is needed', () => {
    const heights = Object.values(hourPaths(hours)).map((path) => /v(\d+)h/.exec(path)?.[1])
    expect(heights).toEqual(['36', undefined, '20', '12', '6'])
  })
})

describe('the bars of 90 days', () => {
  test('leave maintenance out of the uptime, and draw a day of nothing else as such', () => {
    const days = [day(1), day(0.5, 0.5), day(null, 1), day(null)]
    expect(uptimeOf(days)).toEqual({ up: 1.25 / 1.5, observed: 1.5 / 4 })
    const { planned, gap } = dayPaths(days)
    expect([planned.split('M').length - 1, gap.split('M').length - 1]).toEqual([1, 1])
    expect([plannedSaid(days), plannedSaid([day(1)])]).toEqual([', maintenance on 2 days', ''])
  })
})

test('what would be warmed up is the model that is wanted first, else one that runs at home', () => {
  expect(warmableOf({ wanted: ['qwen3:8b'], models: ['llama3.2:latest', 'qwen3:8b'] })).toBe(
    'qwen3:8b',
  )
  expect(warmableOf({ wanted: [], models: ['gpt-oss:120b-cloud', 'llama3.2:latest'] })).toBe(
    'llama3.2:latest',
  )
  expect(warmableOf({ wanted: [], models: null })).toBeNull()
})

describe('the page', () => {
  test('tells everybody of maintenance that goes on, and what the pattern means', () => {
    const text = words(page(strangers))
    expect(text).toContain('Maintenance until 14:25 UTC')
    expect(text).toMatch(/up down maintenance not observed/)
    expect(page(strangers)).toContain('maintenance on one day')
  })

  test('tells a stranger nothing of who is at home, what happened, and how open it is', () => {
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
      /Your Ollama 0\.1\.0 has a hole/,
    ],
  ] as const)('warns its owner of a home that is %o', (seen, warning) => {
    const report: ExposureReport = {
      checkedAt: iso(9),
      fix: [{ text: 'Ask for a password.' }],
      hiddenUntil: null,
      advisory: null,
      ...seen,
    }
    expect(words(page(owners({ exposure: report })))).toMatch(warning)
    expect(words(page(owners({ exposure: { ...report, state: 'not_public' } })))).not.toMatch(
      /Anyone who|has a hole/,
    )
  })

  test('shows its owner who is at home, who waits, and what the day has cost of the free plan', () => {
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
    expect(text).toContain('qwen3:8b reads a stopped prompt to its end')
    expect(text).toContain('2 wait.')
    expect(text).toContain('4,321 of 100,000 (4.3 %)')
    expect(text).toContain('2,500 of 100,000 (2.5 %)')
  })

  test('says that it is late by itself, when what it has to show is old', () => {
    expect(page(strangers)).toMatch(/id="banner"[^>]* hidden/)
    const late = page(strangers, NOW + 5 * 60_000)
    expect(late).not.toMatch(/id="banner"[^>]* hidden/)
    expect(words(late)).toContain('Our checker is late. This says nothing about your home.')
  })

  test('of a server with a fault of its own has a word, and says that it is not the home', () => {
    const text = words(page(blindSnapshot(NOW)))
    expect(text).toContain('Unknown')
    expect(text).toContain('This says nothing about the home.')
  })
})
