import { env, exports } from 'cloudflare:workers'
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { FailureList, History, IncidentList, Watch } from '../../src/lib/contract/history.ts'
import type { Problem } from '../../src/lib/contract/problem.ts'
import { apiWith, asked, reset, setFault, worker, portsAt } from '../support/workerd/client.ts'
import { runTo, start } from '../support/workerd/runs.ts'
import { shortenPauses } from '../support/workerd/short-waits.ts'

const MINUTE_MS = 60_000
const thisMinute = () => Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS

beforeEach(async () => {
  shortenPauses()
  await reset()
})
afterEach(async () => {
  vi.restoreAllMocks()
  await reset()
})

/** A `Home` object that only this test uses. */
const aHome = () => env.HOME.get(env.HOME.newUniqueId())
type HomeStub = ReturnType<typeof aHome>

const minutesOf = (home: HomeStub, from: number, minutes: number): Promise<History> =>
  portsAt(home).monitoring.history('minute', from, from + minutes * MINUTE_MS)
const checksOf = async () =>
  (await asked()).filter(({ path }) => path.startsWith('/api/version')).length

describe('ticks', () => {
  test('a tick checks the home, stores the result and refreshes the verdict', async () => {
    const home = aHome()
    const at = thisMinute()
    await home.tick(at)
    const { state, p50, uptime } = await minutesOf(home, at, 1)
    expect([state, uptime]).toEqual([['up'], [1]])
    expect(p50[0]).toBeGreaterThan(0)
    const before = await checksOf()
    const cached = await portsAt(home).diagnosis.check({})
    expect(cached.verdict.cause).toBe('ok')
    expect(await checksOf()).toBe(before)
  })

  test('a tick that arrives twice checks once, even if both arrive at the same time', async () => {
    const home = aHome()
    const at = thisMinute()
    await Promise.all([home.tick(at), home.tick(at)])
    const checks = await checksOf()
    await home.tick(at)
    await home.tick(at - MINUTE_MS)
    expect(await checksOf()).toBe(checks)
    expect(await minutesOf(home, at - MINUTE_MS, 2)).toMatchObject({ state: [null, 'up'] })
  })

  test('a tick that arrives much too late invents no observation for its minute', async () => {
    const home = aHome()
    const at = thisMinute()
    await home.tick(at - 10 * MINUTE_MS)
    const { state, seen, all } = await minutesOf(home, at - 10 * MINUTE_MS, 11)
    expect(state.slice(0, 9)).toEqual(Array(9).fill(null))
    expect(seen.filter((share) => share !== null)).toEqual([1])
    expect(all).toMatchObject({ uptime: 1, seen: 0.09091 })
  })

  test('a failed check is repeated within the minute, and a cause that every check names is accepted', async () => {
    const home = aHome()
    await setFault('cloudflared_offline')
    const at = thisMinute()
    await home.tick(at)
    const { incidents } = await portsAt(home).monitoring.incidents({ limit: 10 })
    expect(incidents).toMatchObject([
      {
        id: 1,
        cause: 'tunnel_down',
        rung: 'tunnel',
        level: 'down',
        endedAt: null,
        events: [{ kind: 'opened' }],
      },
    ])
    await reset()
    await home.tick(at + MINUTE_MS)
    await home.tick(at + 2 * MINUTE_MS)
    const [incident] = (await portsAt(home).monitoring.incidents({ limit: 10 })).incidents
    expect(incident).toMatchObject({
      durationMs: MINUTE_MS,
      events: [{ kind: 'opened' }, { kind: 'recovered' }],
    })
    expect(await minutesOf(home, at, 3)).toMatchObject({
      state: ['down', 'up', 'up'],
      cause: ['tunnel_down', null, null],
    })
  }, 30_000)

  test('a failure with varying causes needs a second minute, and the first minute’s evidence is stored', async () => {
    const home = aHome()
    await setFault('refused')
    const at = thisMinute()
    await home.tick(at)
    expect((await portsAt(home).monitoring.incidents({ limit: 10 })).incidents).toEqual([])
    expect(await minutesOf(home, at, 1)).toMatchObject({ state: ['blip'] })
    await home.tick(at + MINUTE_MS)
    expect((await portsAt(home).monitoring.incidents({ limit: 10 })).incidents).toMatchObject([
      { cause: 'connection_failed' },
    ])
    expect(await minutesOf(home, at, 2)).toMatchObject({ state: ['down', 'down'] })
    const { failures } = JSON.parse(await portsAt(home).monitoring.failures()) as FailureList
    expect(failures).toMatchObject([
      { at: new Date(at).toISOString(), verdict: { cause: 'connection_failed' } },
    ])
    expect(failures[0]?.verdict.evidence.length).toBeGreaterThan(0)
  }, 30_000)

  test('monitoring continues after the Durable Object restarts', async () => {
    const home = aHome()
    const at = thisMinute()
    await home.tick(at)
    await evictDurableObject(home)
    await home.tick(at)
    await home.tick(at + MINUTE_MS)
    expect(await minutesOf(home, at, 2)).toMatchObject({ state: ['up', 'up'] })
  })

  test('a tick checks once a day whether strangers can use the home', async () => {
    const home = aHome()
    expect((await portsAt(home).exposure.kept()).checkedAt).toBeNull()
    const at = thisMinute()
    await home.tick(at)
    const { checkedAt } = await portsAt(home).exposure.kept()
    expect(checkedAt).toBeGreaterThan(0)
    await home.tick(at + MINUTE_MS)
    expect((await portsAt(home).exposure.kept()).checkedAt).toBe(checkedAt)
  })

  test('ticks and other requests count toward the free plan’s daily limit, across restarts', async () => {
    const home = aHome()
    await home.tick(thisMinute())
    const { today: before } = await portsAt(home).monitoring.status()
    await portsAt(home).diagnosis.latest()
    const { today: after } = await portsAt(home).monitoring.status()
    expect([after.calls - before.calls, after.callsAllowed]).toEqual([2, 100_000])
    await home.tick(thisMinute() + MINUTE_MS)
    await evictDurableObject(home)
    expect((await portsAt(home).monitoring.status()).today.calls).toBeGreaterThan(after.calls)
  })

  test('the scheduled handler runs a tick', async () => {
    const home = env.HOME.get(env.HOME.idFromName('home'))
    await exports.default.scheduled({ scheduledTime: new Date() })
    const { phase, late, checkedAt } = await (await worker('/api/monitor')).json<Watch>()
    expect([phase, late]).toEqual(['up', false])
    expect(Date.now() - Date.parse(checkedAt ?? '')).toBeLessThan(2 * MINUTE_MS)
    expect((await portsAt(home).monitoring.status()).today.rowsWritten).toBeGreaterThan(0)
  })
})

describe('runs as evidence', () => {
  test('working and failing runs are counted, and after a failing run one failed check confirms the outage', async () => {
    const home = env.HOME.get(env.HOME.idFromName('home'))
    const before = (await portsAt(home).monitoring.incidents({ limit: 1 })).incidents[0]?.id ?? 0
    const at = thisMinute() + 5 * MINUTE_MS
    await home.tick(at)
    await setFault('refused')
    const { id } = await start()
    await runTo(id, 'failed')
    await home.tick(at + MINUTE_MS)
    const [incident] = (await portsAt(home).monitoring.incidents({ limit: 1 })).incidents
    expect(incident).toMatchObject({ id: before + 1, cause: 'connection_failed', endedAt: null })
    await reset()
    for (const minute of [2, 3]) await home.tick(at + minute * MINUTE_MS)
  }, 30_000)
})

describe('a changed home address', () => {
  test('a new home address has its own history, and the old history returns with the old address', async () => {
    const home = aHome()
    const at = thisMinute()
    await home.tick(at)
    await runInDurableObject(home, (_home, { storage: { sql } }) => {
      sql.exec("UPDATE watched SET origin = 'https://another.example'")
    })
    await evictDurableObject(home)
    expect(await portsAt(home).monitoring.status()).toMatchObject({
      phase: 'unknown',
      checkedAt: null,
      late: true,
    })
    expect(await minutesOf(home, at, 1)).toMatchObject({ state: [null] })
    await runInDurableObject(home, (_home, { storage: { sql } }) => {
      const origin = sql
        .exec<{ origin: string }>('SELECT origin FROM watched ORDER BY id DESC LIMIT 1')
        .one().origin
      sql.exec('DELETE FROM watched WHERE origin = ?', origin)
      sql.exec("UPDATE watched SET origin = ? WHERE origin = 'https://another.example'", origin)
    })
    await evictDurableObject(home)
    expect(await minutesOf(home, at, 1)).toMatchObject({ state: ['up'] })
  })

  test('daily address changes do not fill the database: only a few addresses are stored', async () => {
    const home = aHome()
    await portsAt(home).monitoring.status()
    for (let nth = 0; nth < 8; nth++) {
      await runInDurableObject(home, (_home, { storage: { sql } }) => {
        sql.exec(
          `UPDATE watched SET origin = 'https://${nth}.example', seen_at = ${nth + 1} WHERE id = (SELECT MAX(id) FROM watched)`,
        )
      })
      await evictDurableObject(home)
      await portsAt(home).monitoring.status()
    }
    const left = await runInDurableObject(home, (_home, { storage: { sql } }) =>
      sql
        .exec<{ origin: string }>('SELECT origin FROM watched ORDER BY id')
        .toArray()
        .map(({ origin }) => origin),
    )
    expect(left.slice(0, -1)).toEqual([4, 5, 6, 7].map((nth) => `https://${nth}.example`))
  })
})

describe('GET /api/health without a tick', () => {
  test('without ticks an old verdict is not returned, and a new one has the time of a real check', async () => {
    const home = aHome()
    const old = await portsAt(home).diagnosis.check({})
    await runInDurableObject(home, (_home, { storage: { sql } }) => {
      sql.exec('UPDATE home SET checked_at = ?', old.checkedAt - 10 * MINUTE_MS)
    })
    const before = await checksOf()
    const beganAt = Date.now()
    const { checkedAt } = await portsAt(home).diagnosis.check({})
    expect(await checksOf()).toBeGreaterThan(before)
    expect(checkedAt).toBeGreaterThanOrEqual(beganAt)
  })
})

describe('GET /api/history', () => {
  test('GET /api/history returns columns of equal length, with null for gaps', async () => {
    const { t, state, uptime, seen, cause, p50, p95, p99, stepMs } = await (
      await worker('/api/history?res=day&from=2020-01-01&to=2020-01-04')
    ).json<History>()
    expect(t).toEqual([
      '2020-01-01T00:00:00.000Z',
      '2020-01-02T00:00:00.000Z',
      '2020-01-03T00:00:00.000Z',
    ])
    for (const column of [state, uptime, seen, cause, p50, p95, p99])
      expect(column).toEqual([null, null, null])
    expect(stepMs).toBe(86_400_000)
  })

  test.each(['minute', 'hour', 'day'])(
    'GET /api/history?res=%s ends with the current slot',
    async (res) => {
      const { t, stepMs, to } = await (await worker(`/api/history?res=${res}`)).json<History>()
      expect(Date.parse(to)).toBeGreaterThan(Date.now())
      expect(Date.parse(t.at(-1) ?? '')).toBe(Date.parse(to) - stepMs)
    },
  )

  test.each([
    ['res=week', 'res'],
    ['res=minute&from=2026-01-01&to=2026-02-01', 'from'],
    ['from=yesterday', 'from'],
    ['to=2026-13-45', 'to'],
    ['from=2026-02-01&to=2026-01-01', 'from'],
  ])('GET /api/history?%s is refused with the name of the field', async (query, path) => {
    const answer = await worker(`/api/history?${query}`)
    expect(answer.status).toBe(422)
    const { errors, detail } = await answer.json<Problem>()
    expect(errors?.map((error) => error.path)).toEqual([path])
    expect(detail).toContain(path)
  })
})

describe('GET /api/incidents', () => {
  test('GET /api/incidents returns pages, newest first', async () => {
    const home = aHome()
    await portsAt(home).monitoring.status()
    await runInDurableObject(home, (_home, { storage: { sql } }) => {
      for (let number = 1; number <= 5; number++) {
        sql.exec(
          "INSERT INTO incident VALUES (1, ?, 'down', 'tunnel', 'tunnel_down', 'cloudflared_not_connected', ?, ?, ?, 0)",
          number,
          number,
          number,
          number + 1,
        )
      }
    })
    const first = await portsAt(home).monitoring.incidents({ limit: 2 })
    expect([first.incidents.map(({ id }) => id), first.next]).toEqual([[5, 4], 4])
    const last = await portsAt(home).monitoring.incidents({ limit: 3, before: 4 })
    expect([last.incidents.map(({ id }) => id), last.next]).toEqual([[3, 2, 1], null])
  })

  test.each(['limit=0', 'limit=x', 'before=-1'])(
    'GET /api/incidents?%s is refused',
    async (query) => {
      expect((await worker(`/api/incidents?${query}`)).status).toBe(422)
    },
  )

  test('the owner sees incidents and their failed checks', async () => {
    expect(await (await worker('/api/incidents')).json<IncidentList>()).toMatchObject({
      incidents: expect.any(Array) as unknown,
    })
    expect(await (await worker('/api/incidents/failures')).json<FailureList>()).toMatchObject({
      failures: expect.any(Array) as unknown,
    })
  })
})

describe('strangers', () => {
  const KEY = { OWNER_KEY_HASH: 'a'.repeat(64), OLLAMA_URL: 'http://127.0.0.1:1' }
  const history: History = {
    res: 'day',
    from: 'f',
    to: 't',
    stepMs: 86_400_000,
    t: ['f'],
    state: ['down'],
    uptime: [0.5],
    seen: [1],
    maintenance: [0],
    cause: ['tunnel_down'],
    p50: [4711],
    p95: [4711],
    p99: [4711],
    all: { uptime: 0.5, seen: 1, maintenance: 0, p50: 4711, p95: 4711, p99: 4711 },
  }
  const monitor = { history: async () => history }

  test.each([
    ['cause', { cause: ['tunnel_down'] }],
    ['state', {}],
  ])(
    'PUBLIC_STATUS=%s decides which days a stranger sees, and response times are never shown',
    async (PUBLIC_STATUS, more) => {
      const api = apiWith({ ...KEY, PUBLIC_STATUS }, { monitor })
      const text = await (await api('/api/history?res=day')).text()
      const { res, from, to, stepMs, t, state, uptime, seen, maintenance } = history
      expect(JSON.parse(text)).toEqual({
        res,
        from,
        to,
        stepMs,
        t,
        state,
        uptime,
        seen,
        maintenance,
        ...more,
        all: { uptime: 0.5, seen: 1, maintenance: 0 },
      })
      expect(text).not.toContain('4711')
    },
  )

  test.each([
    '/api/history',
    '/api/history?res=minute',
    '/api/incidents',
    '/api/incidents/failures',
    '/api/monitor',
  ])('only the owner may read %s', async (path) => {
    expect((await apiWith(KEY, { monitor })(path)).status).toBe(401)
    expect((await apiWith({ RUNTIME: 'deployed' }, { monitor })(path)).status).toBe(503)
  })

  test('a stranger sees no days if the page is private or has no owner yet', async () => {
    expect(
      (await apiWith({ ...KEY, PUBLIC_STATUS: 'off' }, { monitor })('/api/history?res=day')).status,
    ).toBe(401)
    expect(
      (await apiWith({ RUNTIME: 'deployed' }, { monitor })('/api/history?res=day')).status,
    ).toBe(503)
  })
})
