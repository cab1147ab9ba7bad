import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { beforeEach, describe, expect, test } from 'vitest'
import { judgeConfiguration, type Verdict } from '../../src/lib/diagnosis/index.ts'
import { verdictsOf } from '../../worker/diagnosis/verdicts.ts'
import {
  apiWith,
  asked,
  homeUrl,
  post,
  reset,
  worker,
  withHeaders,
} from '../support/workerd/client.ts'

const api = apiWith({ OLLAMA_URL: homeUrl })

beforeEach(reset)

describe('a request that a proxy has forwarded', () => {
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
  ])(
    'the header %s makes a request that of a stranger, not of the owner at this machine',
    async (name) => {
      expect((await api('/api/llm/models', { headers: { [name]: '1.2.3.4' } })).status).toBe(401)
    },
  )

  test.each([
    ['no JSON', post('{bad')],
    ['an unknown field', post({ odd: 1 })],
    ['a form', { method: 'POST', body: 'a=b' }],
    ['a prompt of two megabytes', post({ prompt: 'a'.repeat(2e6) })],
  ])('a stranger behind a proxy learns nothing about a request body: %s', async (_what, init) => {
    const response = await api('/api/llm/generate', withHeaders(init, { Via: 'x' }))
    expect(response.status).toBe(401)
    expect(await asked()).toEqual([])
  })
})

describe('the local server', () => {
  test.each(['MF-Disable-Pretty-Error', 'MF-Original-Hostname', 'MF-Access-Blob'])(
    'a request with %s, a header internal to the runtime, is refused',
    async (name) => {
      expect((await worker('/api/health', { headers: { [name]: '{}' } })).status).toBe(403)
    },
  )

  test('a request whose URL differs from its Host header is refused', async () => {
    expect((await worker('/api/health', { headers: { Host: 'localhost:9999' } })).status).toBe(403)
  })

  test('a wrong method of /healthz is a 405 with the allowed methods', async () => {
    const response = await api('/healthz', { method: 'POST' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })
})

describe('a page opened from another site', () => {
  const from = (mode: string, dest: string) => ({
    headers: { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': mode, 'Sec-Fetch-Dest': dest },
  })

  test('a page opened by a link from another site is shown', async () => {
    expect((await worker('/status', from('navigate', 'document'))).status).toBe(200)
  })

  test.each([
    ['in a frame', 'navigate', 'iframe'],
    ['by a script', 'no-cors', 'empty'],
  ])('a page requested from another site as %s is refused', async (_how, mode, dest) => {
    expect((await worker('/status', from(mode, dest))).status).toBe(403)
  })
})

test.each(['/api/session', '/api/shares/aaaaaaaaaa/open'])(
  'a stranger’s body to %s is read only up to its limit',
  async (path) => {
    const long = JSON.stringify({ key: 'a'.repeat(64_000), secret: '' })
    expect((await worker(path, post(long))).status).toBe(413)
    const stream = new Blob([long]).stream()
    const headers = { 'Content-Type': 'application/json' }
    expect((await worker(path, { method: 'POST', headers, body: stream })).status).toBe(413)
  },
)

describe('a deeply nested body', () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
  const recipe = (depth: number) =>
    `{"model":"llama3.2:latest","prompt":"x","format":${nested(depth)}}`

  test.each([100, 50_000, 150_000])(
    'a body of %i nested levels is a 4xx on every route that reads JSON',
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

  test('a hand-written JSON Schema passes the nesting limit', async () => {
    const { status } = await worker('/api/runs', post(recipe(40)))
    expect(status).toBe(201)
  })
})

describe('the stored verdict of a home', () => {
  const seen = {
    ...judgeConfiguration('url_missing', 'local'),
    version: '0.12.11',
    models: ['llama3.2:latest'],
  }

  test.each([
    ['its models are not known', { version: '0.13.0', models: null }],
    ['nothing is known', { version: null, models: null }],
  ])('the stored verdict does not change when %s', async (_what, unknown) => {
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
  'an undecodable path is a problem with status 404: %s',
  async (path) => {
    const response = await worker(path)
    expect([response.status, response.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json',
    ])
  },
)

test('an undecodable path under /v1 is an error in OpenAI’s format', async () => {
  const response = await worker('/v1/%')
  expect([response.status, await response.json()]).toMatchObject([
    404,
    { error: { code: 'not_found' } },
  ])
})
