import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import type { StatusBrief, StatusSnapshot } from '../../src/lib/contract/status.ts'
import {
  apiWith,
  asked,
  homeUrl,
  post,
  reset,
  setFault,
  worker,
} from '../support/workerd/client.ts'
import type { Env } from '../../worker/env.ts'
import app from '../../worker/index.ts'

const STRANGER = { headers: { Via: '1.1 proxy' } }
const json = async <Shape>(path: string, init?: RequestInit) =>
  (await worker(path, init)).json<Shape>()
const check = () => worker('/api/health?fresh=1&code=200')

beforeEach(async () => {
  await reset()
  await check()
})

describe('status for other programs', () => {
  test('/api/status.txt is one line', async () => {
    expect(await (await worker('/api/status.txt')).text()).toMatch(
      /^pass ok 20\d\d-\d\d-\d\dT[\d:.]+Z\n$/,
    )
  })

  test('/api/status/flat is flat JSON, in which a failing home is off', async () => {
    expect(await json('/api/status/flat')).toMatchObject({
      ok: true,
      state: 'on',
      cause: 'ok',
      stale: false,
    })
    await setFault('cloudflared_offline')
    await check()
    const flat = await json<Record<string, unknown>>('/api/status/flat')
    expect(flat).toMatchObject({ ok: false, state: 'off', cause: 'tunnel_down' })
    expect(
      Object.values(flat).filter((value) => typeof value === 'object' && value !== null),
    ).toEqual([])
  })

  test('/api/badge.json is a shields.io endpoint', async () => {
    expect(await json('/api/badge.json?label=my+home')).toEqual({
      ...{
        schemaVersion: 1,
        label: 'my home',
        message: 'online',
        color: 'brightgreen',
        isError: false,
      },
      cacheSeconds: 60,
    })
  })

  test('the SVG badge escapes its label', async () => {
    const response = await worker(`/api/badge.svg?label=${encodeURIComponent('<script>&"x')}`)
    expect(response.headers.get('content-type')).toBe('image/svg+xml')
    const svg = await response.text()
    expect(svg).toContain('&lt;script&gt;&amp;&quot;x')
    expect(svg).not.toContain('<script')
  })

  test('/api/v2/summary.json has the format of common status pages', async () => {
    expect(await json('/api/v2/summary.json')).toMatchObject({
      page: { id: 'porchlight', name: 'Porchlight' },
      status: { indicator: 'none' },
      components: [{ id: 'home', status: 'operational' }],
      incidents: [],
    })
  })
})

describe('maintenance', () => {
  const plan = (maintenance: { from: string; to: string } | null) =>
    worker('/api/alerts', { ...post({ maintenance }), method: 'PUT' })
  const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString()

  beforeEach(() => plan(null))

  test('everyone sees current maintenance with its end, and a home that is down during it is not called offline', async () => {
    const to = at(30)
    await plan({ from: at(-5), to })
    await setFault('cloudflared_offline')
    await check()
    for (const init of [{}, STRANGER]) {
      expect((await json<StatusSnapshot>('/api/status', init)).maintenance?.to).toBe(to)
      expect((await json<StatusBrief>('/api/status/brief', init)).maintenance).toBe(to)
      expect(await json(`/api/badge.json?label=${to}`, init)).toMatchObject({
        message: 'maintenance',
        isError: false,
      })
      expect(await json(`/api/v2/summary.json?${to}`, init)).toMatchObject({
        status: { indicator: 'maintenance' },
        components: [{ status: 'under_maintenance' }],
        scheduled_maintenances: [{ status: 'in_progress', scheduled_until: to }],
      })
    }
    const page = await (await worker('/status')).text()
    expect(/Maintenance until <time[^>]*>\d\d:\d\d UTC</.test(page)).toBe(true)
    await plan(null)
  })

  test('planned maintenance changes nothing before it begins', async () => {
    await plan({ from: at(30), to: at(60) })
    expect((await json<StatusSnapshot>('/api/status')).maintenance).toBeNull()
    expect(await json('/api/badge.json?label=later')).toMatchObject({ message: 'online' })
    expect(await (await worker('/status')).text()).not.toMatch('Maintenance until')
    await plan(null)
  })
})

describe('the status page', () => {
  test('the status page sends no request to the home', async () => {
    const before = (await asked()).length
    const snapshot = await json<StatusSnapshot>('/api/status')
    expect(snapshot.viewer).toBe('owner')
    expect((await asked()).length).toBe(before)
  })

  test('the owner’s status page shows the queue, the day’s cost and the exposure', async () => {
    const snapshot = await json<StatusSnapshot>('/api/status')
    if (snapshot.viewer !== 'owner') throw new Error('the person at the machine is the owner')
    expect(snapshot.atHome).toMatchObject({
      running: [],
      waiting: 0,
      meter: { rowsAllowed: 100_000, callsAllowed: 100_000 },
    })
    expect(snapshot.atHome?.meter?.calls).toBeGreaterThan(0)
    expect(snapshot.exposure).toMatchObject({ fix: [], hiddenUntil: null })
    expect(snapshot.hours).toHaveLength(288)
  })

  test('the status page fits into one round trip', async () => {
    const packed = async (path: string) => {
      const { body } = await worker(path)
      return (await new Response(body?.pipeThrough(new CompressionStream('gzip'))).arrayBuffer())
        .byteLength
    }
    await setFault('cloudflared_offline')
    await check()
    expect(await packed('/status')).toBeLessThan(14 * 1024)
  })

  test('a stranger’s status page shows the cause and its times, and nothing about the home', async () => {
    const { viewer, health } = await json<StatusSnapshot>('/api/status', STRANGER)
    expect(viewer).toBe('public')
    expect(Object.keys(health ?? {}).sort()).toEqual([
      'cause',
      'checkedAt',
      'rung',
      'since',
      'staleAfterMs',
      'status',
      'title',
    ])
  })

  test('an unchanged status is a 304', async () => {
    const first = await worker('/api/status/brief')
    const etag = first.headers.get('etag') ?? ''
    expect((await first.text()).length).toBeLessThan(1000)
    expect((await worker('/api/status/brief', { headers: { 'If-None-Match': etag } })).status).toBe(
      304,
    )
    await setFault('cloudflared_offline')
    await check()
    const changed = await worker('/api/status/brief', { headers: { 'If-None-Match': etag } })
    expect((await changed.json<StatusBrief>()).cause).toBe('tunnel_down')
  })
})

describe('private statuses', () => {
  const closed = apiWith({ OLLAMA_URL: homeUrl, PUBLIC_STATUS: 'off' })

  test.each([
    '/api/status',
    '/api/status/brief',
    '/api/status.txt',
    '/api/status/flat',
    '/api/badge.svg',
    '/api/badge.json',
    '/api/v2/summary.json',
  ])('a stranger gets no private status from %s', async (path) => {
    expect((await closed(path, STRANGER)).status).toBe(401)
  })

  test.each(['/api/badge.svg', '/api/badge.json', '/api/v2/summary.json'])(
    'an owner’s visit to %s leaves no cache entry for strangers',
    async (path) => {
      expect((await closed(path)).headers.get('cache-control')).toBe('private, no-store')
    },
  )

  test('PUBLIC_STATUS=state hides the cause', async () => {
    const coarse = apiWith({ OLLAMA_URL: homeUrl, PUBLIC_STATUS: 'state' })
    expect(await (await coarse('/api/status.txt', STRANGER)).text()).toMatch(/^pass - 20/)
  })
})

test('a private status page is a 401 for programs and redirects people to the sign-in', async () => {
  const request = new Request('http://localhost/status', { headers: { Via: '1.1 somewhere' } })
  const off = { ...env, PUBLIC_STATUS: 'off' } as unknown as Env
  const response = await app.fetch(request as never, off, createExecutionContext())
  expect(response.status).toBe(401)
  const html = await response.text()
  expect(html).toContain('<a href="/sign-in?to=%2Fstatus">Sign in</a>')
  expect(html).toContain('http-equiv="refresh"')
})
