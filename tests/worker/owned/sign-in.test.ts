import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import type {
  Code,
  SessionStatus,
  SessionInfo,
  TokenInfo,
} from '../../../src/lib/contract/access.ts'
import type { Problem } from '../../../src/lib/contract/problem.ts'
import type { Started } from '../../../src/lib/contract/runs.ts'
import { readConfig } from '../../../worker/config.ts'
import { Auth } from '../../../worker/auth/auth.ts'
import { Sessions } from '../../../worker/auth/sessions.ts'
import { post, worker } from '../../support/workerd/client.ts'
import {
  bearer,
  cookieIn,
  enter,
  KEY,
  newToken,
  OURS,
  signedIn,
} from '../../support/workerd/owner-session.ts'

const WRONG = 'A'.repeat(43)
const MODEL = 'llama3.2:latest'
const codeIn = ({ url }: Code) => new URL(url).hash.slice(1)

describe('signing in', () => {
  test('signing in with the key sets a cookie that is HttpOnly and SameSite', async () => {
    const response = await enter({ key: KEY })
    expect(response.status).toBe(204)
    expect(response.headers.get('set-cookie')).toMatch(
      /^porchlight-80=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/,
    )
  })

  test('over https the session cookie is bound to its host', async () => {
    const response = await worker('https://localhost/api/session', post({ key: KEY }))
    expect(response.headers.get('set-cookie')).toMatch(
      /^__Host-porchlight=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    )
  })

  test('a sign-in code works once', async () => {
    const browser = await signedIn()
    const code = await (await browser('/api/session/codes', { method: 'POST' })).json<Code>()
    expect(codeIn(code)).toMatch(/^[\w-]{22}$/)
    expect(Date.parse(code.expiresAt) - Date.now()).toBeLessThanOrEqual(120_000)
    expect((await enter({ code: codeIn(code) })).status).toBe(204)
    expect((await enter({ code: codeIn(code) })).status).toBe(401)
  })

  test('a code does not work as a key, nor a key as a code', async () => {
    const browser = await signedIn()
    const code = await (await browser('/api/session/codes', { method: 'POST' })).json<Code>()
    expect((await enter({ key: codeIn(code) })).status).toBe(401)
    expect((await enter({ code: KEY })).status).toBe(401)
  })

  test('an expired code looks exactly like a wrong one', async () => {
    const browser = await signedIn()
    const code = await (await browser('/api/session/codes', { method: 'POST' })).json<Code>()
    await runInDurableObject(env.HOME.get(env.HOME.idFromName('home')), (_home, { storage }) => {
      storage.sql.exec('UPDATE sign_in_code SET expires_at = ?', Date.now())
    })
    const answers = await Promise.all(
      [{ code: codeIn(code) }, { code: 'wrong' }, { key: WRONG }].map((shown) => enter(shown)),
    )
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401])
    const bodies = await Promise.all(answers.map((answer) => answer.text()))
    expect(new Set(bodies).size).toBe(1)
  })

  test.each([
    ['neither', {}],
    ['both', { key: KEY, code: 'x' }],
    ['a key that is no text', { key: 1 }],
  ])('%s is refused', async (_what, shown) => {
    expect((await enter(shown)).status).toBe(422)
  })

  test('a form on another site cannot sign in', async () => {
    expect((await enter({ key: KEY }, { Origin: 'https://evil.example' })).status).toBe(403)
    expect((await worker('/api/session', { method: 'POST', body: `key=${KEY}` })).status).toBe(415)
  })

  test('entering the key again keeps the session and replaces its cookie, so that a planted cookie is worthless', async () => {
    const planted = cookieIn(await enter({ key: KEY }))
    const sessionOf = async (Cookie: string) =>
      (await (await worker('/api/session', { headers: { Cookie, ...OURS } })).json<SessionStatus>())
        .session
    const before = await sessionOf(planted)
    const again = await enter({ key: KEY }, { Cookie: planted, ...OURS })
    expect(again.status).toBe(204)
    expect(await sessionOf(cookieIn(again))).toBe(before)
    expect(await sessionOf(planted)).toBeNull()
  })
})

describe('the login throttle', () => {
  const guess = (from: string, key = WRONG) => enter({ key }, { 'X-Forwarded-For': from })

  test('repeated wrong keys are slowed down, and the right key still works', async () => {
    const statuses: number[] = []
    for (let nth = 0; nth < 6; nth++) statuses.push((await guess('10.9.9.9')).status)
    expect(statuses).toEqual([401, 401, 401, 401, 429, 429])
    const refused = await guess('10.9.9.9')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refused.json<Problem>()).toMatchObject({ code: 'limit', status: 429 })
    expect((await guess('10.9.9.9', KEY)).status).toBe(204)
  })

  test('one IPv6 network counts as one client of the login throttle', async () => {
    for (let nth = 0; nth < 4; nth++) await guess(`2001:db8:1:2::${nth}`)
    expect((await guess('2001:db8:1:2:ffff::1')).status).toBe(429)
    expect((await guess('2001:db8:1:3::1')).status).toBe(401)
  })
})

describe('a changed owner key', () => {
  test('a new owner key ends every session', async () => {
    const stub = env.HOME.get(env.HOME.newUniqueId())
    await runInDurableObject(stub, (_home, { storage }) => {
      const keysWith = (hash: string) =>
        new Auth(storage.sql, readConfig({ OWNER_KEY_HASH: hash.repeat(64) }))
      const before = keysWith('a')
      const session = { id: 'one', hash: 'b'.repeat(64), device: 'A program' }
      before.signIn({ kind: 'key', hash: 'a'.repeat(64), network: '', session, current: null })
      const cookie = { kind: 'session', hash: session.hash } as const
      expect(before.identify(cookie)).toMatchObject({ who: 'owner', session: 'one' })
      expect(keysWith('c').identify(cookie)).toBeNull()
      expect(new Auth(storage.sql, readConfig({})).identify(cookie)).toBeNull()
    })
  })

  test('no key matches a malformed OWNER_KEY_HASH', async () => {
    const stub = env.HOME.get(env.HOME.newUniqueId())
    await runInDurableObject(stub, (_home, { storage }) => {
      const keys = new Auth(storage.sql, readConfig({ OWNER_KEY_HASH: 'oops' }))
      const session = { id: 'one', hash: 'b'.repeat(64), device: 'A program' }
      for (const hash of ['', ' '.repeat(64), 'oops'])
        expect(
          keys.signIn({ kind: 'key', hash, network: hash, session, current: null }).result,
        ).toBe('wrong')
    })
  })
})

describe('Access tokens over time', () => {
  test('an Access token is valid until it expires', async () => {
    const stub = env.HOME.get(env.HOME.newUniqueId())
    await runInDurableObject(stub, (_home, { storage }) => {
      const keys = new Auth(
        storage.sql,
        readConfig({ ACCESS_TEAM_DOMAIN: 'home', ACCESS_AUD: 'x' }),
      )
      expect(keys.identify({ kind: 'access', until: Date.now() + 1000 })).toMatchObject({
        who: 'owner',
      })
      expect(keys.identify({ kind: 'access', until: Date.now() })).toBeNull()
    })
  })
})

describe('session activity', () => {
  const DAY_MS = 86_400_000
  const asked = async (after: number, isUsedDaily: boolean) => {
    const stub = env.HOME.get(env.HOME.newUniqueId())
    return runInDurableObject(stub, (_home, { storage }) => {
      const sessions = new Sessions(storage.sql, 'key')
      sessions.add({ id: 'one', hash: 'h', device: '', isByKey: true }, 0)
      if (isUsedDaily)
        for (let day = 1; day * DAY_MS < after; day++) sessions.find('h', day * DAY_MS)
      return sessions.find('h', after) !== null
    })
  }

  test.each([
    ['a session that is not used ends after seven days', 7 * DAY_MS, false, false],
    ['one that was used yesterday goes on', 8 * DAY_MS, true, true],
    ['none lasts longer than thirty days', 30 * DAY_MS, true, false],
  ])('%s', async (_what, after, isUsedDaily, isAlive) => {
    expect(await asked(after - 1, isUsedDaily)).toBe(true)
    expect(await asked(after, isUsedDaily)).toBe(isAlive)
  })

  test('session activity is stored at most once a minute', async () => {
    const stub = env.HOME.get(env.HOME.newUniqueId())
    await runInDurableObject(stub, (_home, { storage }) => {
      const sessions = new Sessions(storage.sql, 'key')
      sessions.add({ id: 'one', hash: 'h', device: '', isByKey: true }, 0)
      for (const [at, seen] of [
        [59_999, 0],
        [60_000, 60_000],
        [119_999, 60_000],
      ] as const) {
        sessions.find('h', at)
        expect(Date.parse(sessions.list(at)[0]?.lastSeenAt ?? '')).toBe(seen)
      }
    })
  })
})

describe('sessions', () => {
  test('sessions are listed by device and end one by one or all together', async () => {
    const everyone = await signedIn()
    await everyone('/api/sessions', { method: 'DELETE' })
    const ua =
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1'
    const phone = cookieIn(await enter({ key: KEY }, { 'User-Agent': ua }))
    const browser = await signedIn()
    const list = async () =>
      (await (await browser('/api/sessions')).json<{ sessions: SessionInfo[] }>()).sessions
    const all = await list()
    expect(all.map(({ device, current }) => [device, current]).sort()).toEqual([
      ['A program', true],
      ['Safari on iPhone', false],
    ])
    const { id = '' } = all.find(({ current }) => !current) ?? {}
    expect((await browser(`/api/sessions/${id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await worker('/api/sessions', { headers: { Cookie: phone } })).status).toBe(401)
    const out = await browser('/api/sessions', { method: 'DELETE' })
    expect(out.headers.get('set-cookie')).toMatch(
      /^porchlight-80=; Max-Age=0; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    expect((await browser('/api/sessions')).status).toBe(401)
  })

  test('signing out ends the session, and can be repeated', async () => {
    const browser = await signedIn()
    expect((await browser('/api/session', { method: 'DELETE' })).status).toBe(204)
    expect((await browser('/api/session', { method: 'DELETE' })).status).toBe(204)
    expect((await browser('/api/runs')).status).toBe(401)
  })

  test('/api/session shows everyone the sign-in methods, and the signed-in caller', async () => {
    const stranger = await (await worker('/api/session')).json<SessionStatus>()
    expect(stranger).toMatchObject({
      owner: null,
      session: null,
      isSetUp: true,
      hasKey: true,
      hasAccess: false,
      reach: null,
    })
    const owner = await (await (await signedIn())('/api/session')).json<SessionStatus>()
    expect(owner.owner).toBe('session')
  })

  test('responses to the owner are not cached and vary by credential', async () => {
    const browser = await signedIn()
    const mine = await browser('/api/health?code=200')
    const theirs = await worker('/api/health?code=200')
    for (const { headers } of [mine, theirs])
      expect(headers.get('cache-control')).toContain('no-store')
    expect(Object.keys(await mine.json<object>())).toContain('ladder')
    expect(Object.keys(await theirs.json<object>()).sort()).toEqual([
      'cause',
      'checkedAt',
      'rung',
      'since',
      'staleAfterMs',
      'status',
      'title',
    ])
  })
})

describe('streams of a session that ends', () => {
  /** How long a stream may continue after its viewer lost access. */
  async function endAfter(response: Response, end: () => Promise<unknown>): Promise<number> {
    const reader = response.body?.getReader()
    await reader?.read()
    await end()
    const at = Date.now()
    while (!(await reader?.read())?.done);
    return Date.now() - at
  }
  const slow = { model: MODEL, prompt: 'Count to 2000' }

  test('signing out ends a run’s event stream within ten seconds, and the run continues', async () => {
    const browser = await signedIn()
    const other = await signedIn()
    const { id } = await (await browser('/api/runs', post(slow))).json<Started>()
    const ms = await endAfter(await browser(`/api/runs/${id}/events`), () =>
      browser('/api/session', { method: 'DELETE' }),
    )
    expect(ms).toBeLessThan(10_000)
    expect(await (await other(`/api/runs/${id}`)).json()).toMatchObject({ state: 'running' })
    await other(`/api/runs/${id}/stop`, { method: 'POST' })
  })

  test('revoking a token ends its streams', async () => {
    const browser = await signedIn()
    const { token, id } = await newToken(['runs:write'])
    const response = await worker(
      '/api/runs',
      post(slow, { ...bearer(token), Accept: 'text/event-stream' }),
    )
    const ms = await endAfter(response, () => browser(`/api/tokens/${id}`, { method: 'DELETE' }))
    expect(ms).toBeLessThan(10_000)
    await browser(`${response.headers.get('location')}/stop`, { method: 'POST' })
  })

  test('signing out ends an export midway', async () => {
    const [browser, other] = [await signedIn(), await signedIn()]
    for (let nth = 0; nth < 8; nth++) {
      const { id } = await (
        await browser(
          '/api/runs',
          post({ model: MODEL, prompt: `Count to 1 ${'x'.repeat(400_000)}` }),
        )
      ).json<Started>()
      await other(`/api/runs/${id}/stop`, { method: 'POST' })
    }
    const response = await browser('/api/runs/export?format=json')
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    let bytes = (await reader.read()).value?.byteLength ?? 0
    await browser('/api/session', { method: 'DELETE' })
    await new Promise((resolve) => setTimeout(resolve, 5500))
    for (let next = await reader.read(); !next.done; next = await reader.read())
      bytes += next.value.byteLength
    expect(bytes).toBeLessThan(8 * 400_000)
  })

  test('signing out ends a stream of /api/llm/generate', async () => {
    const browser = await signedIn()
    const response = await browser('/api/llm/generate', post(slow))
    expect(
      await endAfter(response, () => browser('/api/session', { method: 'DELETE' })),
    ).toBeLessThan(10_000)
  })
})

describe('tokens', () => {
  test('a token is shown once and listed with its last use', async () => {
    const made = await newToken(['models:read'])
    expect(made.token).toMatch(new RegExp(`^pl_${made.id}_[\\w-]{43}$`))
    expect((await worker('/api/llm/models', { headers: bearer(made.token) })).status).toBe(200)
    const browser = await signedIn()
    const text = await (await browser('/api/tokens')).text()
    expect(text).not.toContain(made.token.slice(-43))
    const { tokens } = JSON.parse(text) as { tokens: TokenInfo[] }
    const [info] = tokens.filter(({ id }) => id === made.id)
    expect(info?.lastUsedAt).not.toBeNull()
    expect(Date.parse(info?.expiresAt ?? '') - Date.now()).toBeGreaterThan(29 * 86_400_000)
  })

  test('a token counts only as a bearer token', async () => {
    const { token } = await newToken(['models:read'])
    for (const header of [
      ['X-API-Key', token],
      ['Api-Key', token],
      ['Authorization', token],
      ['Authorization', `Basic ${btoa(`x:${token}`)}`],
    ] as [string, string][])
      expect((await worker('/api/llm/models', { headers: [header] })).status).toBe(401)
    expect((await worker(`/api/llm/models?token=${token}&api_key=${token}`)).status).toBe(401)
  })

  test('a token beside a cookie decides alone', async () => {
    const { token } = await newToken(['models:read'])
    const browser = await signedIn()
    expect((await browser('/api/runs', { headers: bearer(token) })).status).toBe(403)
    expect((await browser('/api/runs', { headers: bearer('pl_nobody') })).status).toBe(401)
  })

  test('a token sees only the runs that it started', async () => {
    const browser = await signedIn()
    const { token } = await newToken(['runs:write'])
    const recipe = { model: MODEL, prompt: 'Count to 3' }
    const mine = await (await worker('/api/runs', post(recipe, bearer(token)))).json<Started>()
    const other = await (await browser('/api/runs', post(recipe))).json<Started>()
    const status = async (id: string) =>
      (await worker(`/api/runs/${id}`, { headers: bearer(token) })).status
    expect([await status(mine.id), await status(other.id)]).toEqual([200, 404])
  })

  test('a token can run a deep check once every five minutes', async () => {
    const { token } = await newToken(['runs:write'])
    const deep = () => worker('/api/health?deep=1&code=200', { headers: bearer(token) })
    expect((await deep()).status).toBe(200)
    const second = await deep()
    expect(second.status).toBe(429)
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(290)
  })

  test.each([
    ['no name', { scopes: ['v1'] }],
    ['no scope', { name: 'x', scopes: [] }],
    ['a scope that there is not', { name: 'x', scopes: ['all'] }],
    ['no end', { name: 'x', scopes: ['v1'], expiresInDays: 0 }],
    ['an end beyond a year', { name: 'x', scopes: ['v1'], expiresInDays: 366 }],
    ['an unknown field', { name: 'x', scopes: ['v1'], owner: true }],
  ])('a token cannot be created with %s', async (_what, body) => {
    expect((await (await signedIn())('/api/tokens', post(body))).status).toBe(422)
  })
})
