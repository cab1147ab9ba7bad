import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { beforeEach, describe, expect, test } from 'vitest'
import { judgeConfiguration, type Verdict } from '../../src/lib/diagnosis/index.ts'
import { verdictsOf } from '../../worker/diagnosis/verdicts.ts'
import { apiWith, asked, homeUrl, post, reset, worker } from '../support/workerd/home.ts'

const api = apiWith({ OLLAMA_URL: homeUrl })

beforeEach(reset)

describe('whoever stands behind a proxy is a stranger', () => {
  test.each([
    'X-Forwarded',
    'X_Forwarded_For',
    'X-Cluster-Client-IP',
    'Client-IP',
    'X-Remote-Addr',
    'X-Scheme',
    'Fastly-Client-IP',
    'X-ProxyUser-Ip',
    'X-Envoy-External-Address',
    'Tailscale-User-Login',
    'Tailscale-Funnel-Request',
  ])('%s ends the rule of the person at this machine', async (name) => {
    expect((await api('/api/llm/models', { headers: { [name]: '1.2.3.4' } })).status).toBe(401)
  })

  test.each([
    ['no JSON', post('{bad')],
    ['an unknown field', post({ odd: 1 })],
    ['a form', { method: 'POST', body: 'a=b' }],
    ['a prompt of two megabytes', post({ prompt: 'a'.repeat(2e6) })],
  ])('and learns nothing about a body: %s', async (_what, init) => {
    const response = await api('/api/llm/generate', {
      ...init,
      headers: { ...init.headers, Via: 'x' },
    })
    expect(response.status).toBe(401)
    expect(await asked()).toEqual([])
  })
})

describe('the server', () => {
  test.each(['MF-Disable-Pretty-Error', 'MF-Original-Hostname', 'MF-Access-Blob'])(
    'refuses %s, by which its runtime talks to itself',
    async (name) => {
      expect((await worker('/api/health', { headers: { [name]: '{}' } })).status).toBe(403)
    },
  )

  test('refuses an address that is not the one that was asked for', async () => {
    expect((await worker('/api/health', { headers: { Host: 'localhost:9999' } })).status).toBe(403)
  })

  test('answers a wrong method of /healthz with what is allowed', async () => {
    const response = await api('/healthz', { method: 'POST' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })
})

describe('a page that is opened from another site', () => {
  const from = (mode: string, dest: string) => ({
    headers: { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': mode, 'Sec-Fetch-Dest': dest },
  })

  test('by a link is shown', async () => {
    expect((await worker('/status', from('navigate', 'document'))).status).toBe(200)
  })

  test.each([
    ['in a frame', 'navigate', 'iframe'],
    ['by a script', 'no-cors', 'empty'],
  ])('%s is not', async (_how, mode, dest) => {
    expect((await worker('/status', from(mode, dest))).status).toBe(403)
  })
})

test.each(['/api/session', '/api/shares/aaaaaaaaaa/open'])(
  'what a stranger sends to %s is not read beyond what it may be',
  async (path) => {
    const long = JSON.stringify({ key: 'a'.repeat(64_000), secret: '' })
    expect((await worker(path, post(long))).status).toBe(413)
    const stream = new Blob([long]).stream()
    const headers = { 'Content-Type': 'application/json' }
    expect((await worker(path, { method: 'POST', headers, body: stream })).status).toBe(413)
  },
)

describe('a body that nests without end', () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
  const recipe = (depth: number) =>
    `{"model":"llama3.2:latest","prompt":"x","format":${nested(depth)}}`

  test.each([100, 50_000, 150_000])(
    '%i levels is the request’s fault, by every way in',
    async (depth) => {
      const bodies = [
        ['/api/runs', recipe(depth)],
        ['/api/llm/generate', recipe(depth)],
        ['/api/shares', nested(depth)],
        [
          '/v1/chat/completions',
          `{"model":"m","messages":[{"role":"user","content":"x"}],"tools":${nested(depth)}}`,
        ],
      ] as const
      for (const [path, body] of bodies) {
        const { status } = await worker(path, post(body))
        expect([path, status]).toEqual([path, path === '/v1/chat/completions' ? 400 : 422])
      }
      expect(await asked()).toEqual([])
    },
  )

  test('a schema that a person writes passes', async () => {
    const { status } = await worker('/api/runs', post(recipe(40)))
    expect(status).toBe(201)
  })
})

describe('what was seen of a home', () => {
  const seen = {
    ...judgeConfiguration('url_missing', 'local'),
    version: '0.12.11',
    models: ['llama3.2:latest'],
  }

  test.each([
    ['its models are not known', { version: '0.13.0', models: null }],
    ['nothing is known', { version: null, models: null }],
  ])('stays as it was while %s', async (_what, unknown) => {
    const stub = env.HOME.get(env.HOME.newUniqueId())
    await runInDurableObject(stub, async (_home, { storage }) => {
      const verdicts = verdictsOf(storage.sql, 'https://a.example')
      verdicts.keep(seen satisfies Verdict, 1000)
      const { lastSeen } = verdicts.keep({ ...seen, ...unknown }, 2000)
      expect(lastSeen).toEqual({
        at: new Date(1000).toISOString(),
        version: '0.12.11',
        models: ['llama3.2:latest'],
      })
    })
  })
})

test.each(['/api/%zz', '/api/runs/%E0%A4%A'])(
  'an address that cannot be read is a problem 404: %s',
  async (path) => {
    const response = await worker(path)
    expect([response.status, response.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json',
    ])
  },
)

test('an address of /v1 that cannot be read is told in OpenAI’s words', async () => {
  const response = await worker('/v1/%')
  expect([response.status, await response.json()]).toMatchObject([
    404,
    { error: { code: 'not_found' } },
  ])
})
