import { createExecutionContext, createScheduledController } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import app from '../../worker/index.ts'
import type { Env } from '../../worker/env.ts'
import type { Problem } from '../../src/lib/contract/problem.ts'
import type { StatusBrief, StatusSnapshot } from '../../src/lib/contract/status.ts'
import { received, receiverUrl } from '../support/workerd/deliveries.ts'

const dead = () => {
  throw new Error('Durable Object reset because its code was updated, at secret.example')
}
/** Like an RPC stub: callers use a feature before its promise resolves. */
const failing: object = new Proxy(
  {},
  {
    get: (_, name) =>
      typeof name === 'symbol' ? undefined : name === 'tick' ? async () => dead() : () => feature,
  },
)
const feature: object = new Proxy(
  {},
  { get: (_, name) => (typeof name === 'symbol' ? undefined : async () => dead()) },
)

/** Two ways in which the Home object can fail: there is no stub, or every call to it fails. */
const AWAY = {
  'has no stub': { idFromName: dead, get: dead },
  'fails at every call': { idFromName: () => 'home', get: () => failing },
}

type Variables = Partial<Record<keyof Env, string>>

const without = (home: object, variables: Variables = {}) => {
  const broken = { ...env, ...variables, HOME: home } as unknown as Env
  return async (path: string, init?: RequestInit) =>
    app.fetch(
      new Request(`http://localhost${path}`, init) as never,
      broken,
      createExecutionContext(),
    )
}

const KEY = { OWNER_KEY_HASH: 'a'.repeat(64) } as const
const COOKIE = { headers: { Cookie: '__Host-porchlight=abc; porchlight-80=abc; porchlight=abc' } }

let logged: string[] = []
beforeEach(() => {
  logged = []
  vi.spyOn(console, 'log').mockImplementation((line: string) => void logged.push(line))
})
afterEach(() => vi.restoreAllMocks())

describe.each(Object.entries(AWAY))('a Home object that %s', (_way, home) => {
  const ask = without(home)

  test('a broken Home object is reported by /api/health as our own fault, never as the home’s', async () => {
    const response = await ask('/api/health')
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({
      status: 'fail',
      cause: 'observer_blind',
      reason: 'checker_failed',
    })
    expect((await ask('/api/health?code=200')).status).toBe(200)
  })

  test('a broken Home object is reported with the same cause by the one-line text, the flat JSON and the old route', async () => {
    expect(await (await ask('/api/status.txt')).text()).toMatch(/^fail observer_blind 20/)
    expect(await (await ask('/api/status/flat')).json()).toMatchObject({
      ok: null,
      state: 'unknown',
      cause: 'observer_blind',
    })
    expect(await (await ask('/api/llm/status')).json()).toMatchObject({
      status: 'offline',
      cause: 'observer_blind',
    })
  })

  test('a broken Home object makes the badge, the shield and the summary unknown', async () => {
    expect(await (await ask('/api/badge.svg')).text()).toContain('>unknown<')
    expect(await (await ask('/api/badge.json')).json()).toMatchObject({
      message: 'unknown',
      isError: false,
    })
    const summary = await (
      await ask('/api/v2/summary.json')
    ).json<{ status: { description: string } }>()
    expect(summary.status.description).toBe('Not known at the moment')
  })

  test('a broken Home object leaves the status page with a state, a sentence, and the icon for Unknown', async () => {
    const response = await ask('/status')
    expect(response.status).toBe(200)
    const html = await response.text()
    expect(html).toContain('<h1 id="word"')
    expect(html).toMatch(/>Unknown</)
    expect(html).toContain('This says nothing about your home.')
    for (const sign of [
      '/favicon-unknown.svg',
      'data-lamp="unknown"',
      '<title>Unknown · Porchlight',
    ])
      expect(html).toContain(sign)
    expect(html.match(/Offline<|secret\.example|worker\/\S*\.ts/)).toBeNull()
    expect(await (await ask('/api/status')).json<StatusSnapshot>()).toMatchObject({
      health: { cause: 'observer_blind' },
      days: [],
    })
    expect(await (await ask('/api/status/brief')).json<StatusBrief>()).toMatchObject({
      cause: 'observer_blind',
    })
  })

  test('a broken Home object does not send a signed-in owner to the sign-in page', async () => {
    for (const PUBLIC_STATUS of ['cause', 'state', 'off']) {
      const html = await (
        await without(home, { ...KEY, PUBLIC_STATUS })('/status', { ...COOKIE, redirect: 'manual' })
      ).text()
      expect(html).toContain('This says nothing about the home.')
    }
  })

  test('a broken Home object is not reported as a home that is down where only the state is public', async () => {
    const coarse = without(home, { ...KEY, PUBLIC_STATUS: 'state' })
    expect(await (await coarse('/api/health')).json()).toMatchObject({ cause: 'observer_blind' })
    expect(await (await coarse('/api/status.txt')).text()).toMatch(/^fail observer_blind/)
    expect(await (await coarse('/status')).text()).toMatch(/>Unknown</)
  })

  test('a broken Home object makes other routes answer 500 with a sentence and an id, without the thrown error', async () => {
    for (const path of [
      '/api/alerts',
      '/api/monitor',
      '/api/history',
      '/api/incidents',
      '/api/runs',
      '/api/queue',
    ]) {
      const response = await ask(path)
      expect([path, response.status]).toEqual([path, 500])
      const problem = await response.json<Problem>()
      expect(problem).toMatchObject({
        code: 'internal',
        detail: expect.stringContaining('our fault'),
        id: expect.any(String),
      })
      expect(JSON.stringify(problem)).not.toContain('secret')
    }
    expect(logged.join()).not.toContain('secret.example')
  })

  test('a broken Home object is reported to the owner by ntfy and webhook as our own fault', async () => {
    const path = `/own-fault-${Object.keys(AWAY).indexOf(_way)}`
    const broken = {
      ...env,
      HOME: home,
      NTFY_URL: `${receiverUrl}${path}/topic`,
      WEBHOOK_URL: `${receiverUrl}${path}/hook`,
    } as unknown as Env
    const past = Date.now() - 24 * 3_600_000 * (1 + Object.keys(AWAY).indexOf(_way))
    vi.spyOn(Date, 'now').mockReturnValue(past)
    await app.scheduled(createScheduledController({ scheduledTime: new Date(past) }), broken)
    vi.restoreAllMocks()
    const texts = (await received(path)).map(({ body }) => body)
    expect(texts).toHaveLength(2)
    for (const text of texts) expect(text).toContain('Porchlight itself has a fault')
  })
})
