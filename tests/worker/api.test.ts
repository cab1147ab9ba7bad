import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Health } from '../../src/lib/contract/health.ts'
import type { ModelList } from '../../src/lib/contract/llm.ts'
import type { Problem } from '../../src/lib/contract/problem.ts'
import { verdictsOf } from '../../worker/diagnosis/verdicts.ts'
import { judgeConfiguration, type Verdict } from '../../src/lib/diagnosis/index.ts'
import {
  apiWith,
  asked,
  homeUrl,
  post,
  reset,
  setFault,
  worker,
  portsAt,
} from '../support/workerd/client.ts'

const api = apiWith({ OLLAMA_URL: homeUrl })
const problemOf = async (response: Response) => {
  const problem = await response.json<Problem>()
  expect(problem.status).toBe(response.status)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  return problem
}
const generate = (body: object, path = '/api/llm/generate') => api(path, post(body))
const linesOf = async (response: Response) =>
  (await response.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

beforeEach(reset)
afterEach(reset)

describe('the routes of the earlier backend', () => {
  test('the index of /api/llm lists its routes', async () => {
    const { routes } = await (await api('/api/llm')).json<{ routes: object }>()
    expect(Object.keys(routes)).toContain('POST /api/llm/generate')
  })

  test('/api/llm/status shows the owner the version and the address', async () => {
    expect(await (await api('/api/llm/status')).json()).toEqual({
      status: 'online',
      service: 'ollama',
      url: homeUrl,
      version: { version: '0.12.11' },
    })
  })

  test('a home without a wanted model is online, and the status names the missing model', async () => {
    const missing = apiWith({ OLLAMA_URL: homeUrl, OLLAMA_MODELS: 'qwen3:8b' })
    expect(await (await missing('/api/llm/status')).json()).toMatchObject({
      status: 'online',
      cause: 'model_missing',
    })
    expect((await missing('/api/health')).status).toBe(503)
  })

  test('/api/llm/models lists size, kind and whether each model is loaded', async () => {
    const { models } = await (await api('/api/llm/models')).json<ModelList>()
    expect(models.map(({ name }) => name)).toEqual([
      'llama3.2:latest',
      'mistral:latest',
      'codellama:7b',
    ])
    expect(models[0]).toMatchObject({
      parameterSize: '3.2B',
      quantization: 'Q4_K_M',
      loaded: true,
      capabilities: ['completion', 'tools'],
    })
    expect(models[0]?.size).toBeGreaterThan(1e9)
  })

  test('a generated stream has Ollama’s own lines and ends with done', async () => {
    const response = await generate({ model: 'llama3.2:latest', prompt: 'Count to 12' })
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    const lines = await linesOf(response)
    expect(lines.length).toBeGreaterThan(5)
    expect(lines.at(-1)).toMatchObject({ done: true, done_reason: 'stop' })
    expect(lines.slice(0, -1).every((line) => typeof line.response === 'string')).toBe(true)
  })

  test('a generation with stream: false is one object', async () => {
    const answer = await (
      await generate({ model: 'llama3.2', prompt: 'Count to 3', stream: false })
    ).json<{ response: string; done: boolean }>()
    expect(answer.done).toBe(true)
    expect(answer.response).toContain('3')
  })

  test('a request to the home contains only known fields and our own headers', async () => {
    await (
      await api(
        '/api/llm/generate',
        post(
          {
            model: 'llama3.2',
            prompt: 'Hi',
            system: 'Be short',
            options: { seed: 7, temperature: 0 },
          },
          { Cookie: 'a=b', Authorization: 'Basic eDp4', 'X-Odd': '1' },
        ),
      )
    ).text()
    const request = (await asked()).find(({ path }) => path === '/api/generate')
    expect(JSON.parse(request?.body ?? '')).toEqual({
      model: 'llama3.2',
      prompt: 'Hi',
      system: 'Be short',
      options: { seed: 7, temperature: 0 },
      stream: true,
    })
    const names = Object.keys(request?.headers ?? {})
    for (const name of ['cookie', 'authorization', 'x-odd', 'origin'])
      expect(names).not.toContain(name)
    expect(request?.headers['user-agent']).toMatch(/^Porchlight/)
  })

  test('a client that disconnects ends the request at the home', async () => {
    const leave = new AbortController()
    const response = await api('/api/llm/generate', {
      ...post({ model: 'llama3.2', prompt: 'Count to 2000' }),
      signal: leave.signal,
    })
    const reader = response.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    await vi.waitFor(async () => {
      const request = (await asked()).find(({ path }) => path === '/api/generate')
      expect(request?.endedBy).toBe('client_left')
    }, 1500)
  })
})

describe('bad input', () => {
  const good = { model: 'llama3.2', prompt: 'Hi' }

  test.each([
    ['an empty prompt', { ...good, prompt: '' }, 'prompt'],
    ['a prompt of blanks', { ...good, prompt: ' \n ' }, 'prompt'],
    ['no prompt', { model: 'llama3.2' }, 'prompt'],
    ['no model', { prompt: 'Hi' }, 'model'],
    ['a number as prompt', { ...good, prompt: 42 }, 'prompt'],
    ['an unknown field', { ...good, keep_alive: -1 }, 'keep_alive'],
    [
      'a field that shows hidden prompts',
      { ...good, _debug_render_only: true },
      '_debug_render_only',
    ],
    ['an option of the wrong kind', { ...good, options: { num_ctx: 'big' } }, 'options.num_ctx'],
    ['an unknown option', { ...good, options: { warmth: 1 } }, 'options.warmth'],
  ])('an invalid body is reported with the path of the error: %s', async (_what, body, path) => {
    const problem = await problemOf(await generate(body))
    expect(problem).toMatchObject({ status: 422, code: 'invalid', type: '/help/invalid' })
    expect(problem.errors?.map((error) => error.path)).toContain(path)
    expect(await asked()).toEqual([])
  })

  test('an error never echoes the request body', async () => {
    const response = await generate({ ...good, prompt: ['canary-7391'] })
    expect(await response.text()).not.toContain('canary-7391')
  })

  test.each([
    ['text that is not JSON', post('{bad'), 400, 'invalid'],
    ['an empty body', post(''), 400, 'invalid'],
    [
      'a form',
      {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: 'a=b',
      },
      415,
      'unsupported',
    ],
    ['JSON under another name', post(good, { 'Content-Type': 'text/plain' }), 415, 'unsupported'],
    ['a prompt of a megabyte', post({ ...good, prompt: 'a'.repeat(1_048_576) }), 413, 'too_large'],
  ])(
    'a body that cannot be read is refused with a sentence: %s',
    async (_what, init, status, code) => {
      const problem = await problemOf(await api('/api/llm/generate', init))
      expect(problem).toMatchObject({ status, code })
      expect(problem.detail.length).toBeGreaterThan(10)
    },
  )

  test('an unknown model is a 404 with similar names', async () => {
    const problem = await problemOf(await generate({ ...good, model: 'llama3:8b' }))
    expect(problem).toMatchObject({ status: 404, code: 'home', cause: 'model_missing' })
    expect(problem.detail).toContain('llama3.2:latest')
    expect(problem.fix).toContainEqual(
      expect.objectContaining({ command: 'ollama pull llama3:8b' }),
    )
  })

  test('an unknown path is a 404, a wrong method a 405 with the allowed methods', async () => {
    expect(await problemOf(await api('/api/nope'))).toMatchObject({
      status: 404,
      code: 'not_found',
    })
    const wrong = await api('/api/llm/generate', { method: 'PUT' })
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST'])
  })
})

describe('a home that fails during a generation', () => {
  const ask = () => generate({ model: 'llama3.2:latest', prompt: 'Count to 12' })

  test.each([
    ['queue_full', 503, 'ollama_busy'],
    ['load_failed', 503, 'model_failed'],
    ['out_of_memory', 503, 'model_failed'],
    ['model_removed', 404, 'model_missing'],
    ['stream_html', 503, 'access_blocked'],
    ['cold_load_524', 503, 'timed_out'],
    ['cloudflared_offline', 503, 'tunnel_down'],
    ['refused', 503, 'connection_failed'],
    ['host_check', 503, 'host_rejected'],
    ['nginx_bad_gateway', 503, 'ollama_down'],
  ] as const)(
    'a failure before the first token is a problem with its reason: %s',
    async (fault, status, cause) => {
      await setFault(fault)
      expect(await problemOf(await ask())).toMatchObject({ status, code: 'home', cause })
    },
  )

  test.each([
    ['stream_cut', 'cut_midway'],
    ['stream_reset', 'cut_midway'],
    ['stream_ends_early', 'ended_early'],
    ['stream_error_line', 'runner_died'],
    ['stream_garbage_line', 'broken_line'],
  ] as const)(
    'a failure in mid-stream keeps the text and ends with a line that has the reason: %s',
    async (fault, reason) => {
      await setFault(fault)
      const lines = await linesOf(await ask())
      expect(lines.filter((line) => 'response' in line).length).toBeGreaterThanOrEqual(8)
      expect(lines.at(-1)).toMatchObject({ reason })
      expect(lines.at(-1)?.error).toEqual(expect.any(String))
    },
  )

  test('a stream that arrives byte by byte is complete', async () => {
    await setFault('stream_split_bytes')
    expect((await linesOf(await ask())).at(-1)).toMatchObject({ done: true })
  })

  test('a 524 during a cold load is not retried', async () => {
    await setFault('cold_load_524')
    await (await ask()).text()
    expect((await asked()).filter(({ path }) => path === '/api/generate')).toHaveLength(1)
  })
})

describe('access to the API', () => {
  test.each([
    ['Forwarded', 'for=1.2.3.4'],
    ['X-Forwarded-For', '1.2.3.4'],
    ['X-Real-IP', '1.2.3.4'],
    ['Via', '1.1 proxy'],
    ['CF-Connecting-IP', '1.2.3.4'],
    ['CF-Ray', 'x'],
  ])(
    'the header %s means that the request does not come from this machine',
    async (name, value) => {
      const problem = await problemOf(await api('/api/llm/models', { headers: { [name]: value } }))
      expect(problem).toMatchObject({ status: 401, code: 'not_signed_in' })
      expect(problem.detail).toContain(name.toLowerCase())
      expect((await api('/api/health?fresh=1', { headers: { [name]: value } })).status).toBe(401)
    },
  )

  test.each([
    ['Sec-Fetch-Site', 'cross-site'],
    ['Sec-Fetch-Site', 'same-site'],
    ['Origin', 'https://evil.example'],
    ['Origin', 'http://localhost:5173'],
    ['Origin', 'null'],
  ])('a request with %s: %s is refused on every route, GET included', async (name, value) => {
    expect((await api('/api/health', { headers: { [name]: value } })).status).toBe(403)
    expect(
      (await api('/api/llm/generate', post({ model: 'llama3.2', prompt: 'Hi' }, { [name]: value })))
        .status,
    ).toBe(403)
    expect(await asked()).toEqual([])
  })

  test('a Host header that is not this machine’s name is refused everywhere, pages included', async () => {
    for (const path of ['/api/health', '/llm-test', '/']) {
      expect((await worker(path, { headers: { Host: 'evil.example' } })).status).toBe(403)
    }
    expect((await worker('/healthz')).status).toBe(200)
  })

  test('a stranger sees the status word and times, and nothing about the home', async () => {
    await setFault('cloudflared_offline')
    const response = await api('/api/health', { headers: { 'X-Forwarded-For': '1.2.3.4' } })
    expect(response.status).toBe(503)
    const body = await response.json<object>()
    expect(Object.keys(body).sort()).toEqual([
      'cause',
      'checkedAt',
      'rung',
      'since',
      'staleAfterMs',
      'status',
      'title',
    ])
    expect(JSON.stringify(body)).not.toContain(new URL(homeUrl).host)
  })

  test.each([
    ['state', 503, ['checkedAt', 'since', 'staleAfterMs', 'status']],
    ['off', 401, null],
  ])('PUBLIC_STATUS=%s decides what a stranger sees', async (publicStatus, status, keys) => {
    await setFault('cloudflared_offline')
    const quiet = apiWith({ OLLAMA_URL: homeUrl, PUBLIC_STATUS: publicStatus })
    const response = await quiet('/api/health', { headers: { Via: 'x' } })
    expect(response.status).toBe(status)
    if (keys) expect(Object.keys(await response.json<object>()).sort()).toEqual(keys)
    expect(await (await quiet('/api/llm/status', { headers: { Via: 'x' } })).json()).toEqual({
      status: 'offline',
      service: 'ollama',
    })
  })

  test('a deployment without an owner key does not make its first visitor the owner', async () => {
    const deployed = apiWith({ RUNTIME: 'deployed', OLLAMA_URL: 'https://home.example' })
    expect(await (await deployed('/api/health?code=200')).json()).toMatchObject({
      status: 'fail',
      cause: 'not_configured',
    })
    expect(await (await deployed('/api/llm/status')).json()).toMatchObject({
      status: 'offline',
      cause: 'not_configured',
    })
    expect(await (await deployed('/api/status.txt')).text()).toMatch(/^fail not_configured /)
    expect(await (await deployed('/api/badge.json')).json()).toMatchObject({
      message: 'not_configured',
    })
    expect(await (await deployed('/api/badge.svg')).text()).toContain('not_configured')
  })

  test.each([
    ['GET', '/api/llm'],
    ['GET', '/api/llm/models'],
    ['GET', '/api/history?res=day'],
    ['GET', '/api/v2/summary.json'],
    ['POST', '/api/health'],
    ['POST', '/api/runs'],
    ['PUT', '/api/runs'],
    ['POST', '/api/session'],
    ['DELETE', '/api/session'],
    ['POST', '/api/shares/abc/open'],
    ['GET', '/api/nope'],
  ])('%s %s of a deployment without an owner key is not_set_up', async (method, path) => {
    const deployed = apiWith({ RUNTIME: 'deployed', OLLAMA_URL: 'https://home.example' })
    expect(await problemOf(await deployed(path, { method }))).toMatchObject({
      status: 503,
      code: 'not_set_up',
    })
  })

  test.each(['/v1/models', '/v1/nope'])(
    '%s of a deployment without an owner key is not_set_up in OpenAI’s format',
    async (path) => {
      const deployed = apiWith({ RUNTIME: 'deployed', OLLAMA_URL: 'https://home.example' })
      const response = await deployed(path)
      expect([response.status, await response.json()]).toMatchObject([
        503,
        { error: { code: 'not_set_up' } },
      ])
    },
  )

  test.each([
    ['POST', '/api/session/codes'],
    ['POST', '/api/runs/x/stop'],
    ['DELETE', '/api/runs/x'],
  ])('an invalid JSON body is refused on a route that needs none: %s %s', async (method, path) => {
    const headers = { 'Content-Type': 'text/plain' }
    expect((await api(path, { method, body: 'hi', headers })).status).toBe(415)
  })

  test('a JSON syntax error is reported with its position', async () => {
    const problem = await problemOf(
      await api('/api/llm/generate', { ...post({}), body: '{"model"' }),
    )
    expect([problem.status, problem.errors]).toEqual([400, [{ path: '', message: 'is not JSON' }]])
  })

  test('a deployment without OLLAMA_URL names the missing variable, and tells strangers nothing else', async () => {
    const deployed = apiWith({ RUNTIME: 'deployed', OWNER_KEY_HASH: 'x' })
    const body = await (await deployed('/api/health?code=200')).json<object>()
    expect(body).toMatchObject({ status: 'fail', cause: 'not_configured', rung: 'config' })
    expect(Object.keys(body)).not.toContain('summary')
  })

  test('a deployment with a private address reports it without sending a packet', async () => {
    const deployed = apiWith({ RUNTIME: 'deployed', OWNER_KEY_HASH: 'x', OLLAMA_URL: homeUrl })
    expect(await (await deployed('/api/health?code=200')).json()).toMatchObject({
      cause: 'address_unreachable',
      rung: 'config',
    })
    expect(await asked()).toEqual([])
  })

  test('API responses may not be cached, sniffed or framed', async () => {
    const { headers } = await api('/api/health')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect((await problemOf(await api('/api/nope'))).type).toBe('/help/not_found')
  })
})

describe('the cached verdict', () => {
  const health = async (query = '') => (await worker(`/api/health?code=200${query}`)).json<Health>()

  test('a verdict is cached for a while, and fresh=1 checks again', async () => {
    expect((await health('&fresh=1')).cause).toBe('ok')
    await setFault('cloudflared_offline')
    expect((await health()).cause).toBe('ok')
    expect((await health('&fresh=1')).cause).toBe('tunnel_down')
  })

  test('a verdict says since when it holds and what the home last answered', async () => {
    await health('&fresh=1')
    await setFault('cloudflared_offline')
    const first = await health('&fresh=1')
    const second = await health('&fresh=1')
    expect(second.since).toBe(first.since)
    expect(Date.parse(second.checkedAt)).toBeGreaterThanOrEqual(Date.parse(first.checkedAt))
    expect(second.lastSeen).toMatchObject({
      version: '0.12.11',
      models: ['llama3.2:latest', 'mistral:latest', 'codellama:7b'],
    })
  })

  test('many strangers at once cause one check of the home', async () => {
    const stub = env.HOME.get(env.HOME.newUniqueId())
    await Promise.all(Array.from({ length: 20 }, () => portsAt(stub).diagnosis.check({})))
    expect((await asked()).filter(({ path }) => path.startsWith('/api/version'))).toHaveLength(2)
  })

  test('a check for another model is answered and not cached', async () => {
    await health('&fresh=1')
    expect(await health('&model=qwen3:8b')).toMatchObject({ cause: 'model_missing' })
    expect((await health()).cause).toBe('ok')
  })

  test('a new home address does not inherit the cached verdict', async () => {
    const stub = env.HOME.get(env.HOME.newUniqueId())
    await runInDurableObject(stub, async (_home, { storage }) => {
      const verdict: Verdict = judgeConfiguration('url_missing', 'local')
      verdictsOf(storage.sql, 'https://a.example').keep(verdict, 1)
      expect(verdictsOf(storage.sql, 'https://a.example').latest()?.checkedAt).toBe(1)
      expect(verdictsOf(storage.sql, 'https://b.example').latest()).toBeNull()
    })
  })
})
