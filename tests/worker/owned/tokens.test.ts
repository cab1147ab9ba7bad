import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  DEFAULT_LIMITS,
  type TokenInfo,
  type TokenLimits,
} from '../../../src/lib/contract/access.ts'
import type { Problem } from '../../../src/lib/contract/problem.ts'
import type { RunDetail, Started } from '../../../src/lib/contract/runs.ts'
import { asked, post, reset, worker } from '../../support/workerd/client.ts'
import { bearer, newToken, signedIn } from '../../support/workerd/owner-session.ts'

const MODEL = 'llama3.2:latest'
const LONG = 'Count to 9000'

const run = (token: string, prompt = LONG, model = MODEL) =>
  worker('/api/runs', post({ model, prompt }, bearer(token)))
const chat = (token: string, content = LONG, more: object = {}) =>
  worker(
    '/v1/chat/completions',
    post({ model: MODEL, messages: [{ role: 'user', content }], ...more }, bearer(token)),
  )
const infoOf = async (id: string) => {
  const { tokens } = await (await (await signedIn())('/api/tokens')).json<{ tokens: TokenInfo[] }>()
  return tokens.find((token) => token.id === id)
}
const made = (limits: Partial<TokenLimits> = {}) =>
  newToken(['v1', 'runs:write', 'models:read', 'status:read'], limits)
const stateOf = async (id: string) =>
  (await (await (await signedIn())(`/api/runs/${id}`)).json<RunDetail>()).state
const revoke = async (id: string) => (await signedIn())(`/api/tokens/${id}`, { method: 'DELETE' })

afterEach(async () => {
  const browser = await signedIn()
  const { runs } = await (await browser('/api/runs?limit=200')).json<{ runs: RunDetail[] }>()
  for (const { id, endedAt } of runs)
    if (endedAt === null) await browser(`/api/runs/${id}/stop`, { method: 'POST' })
  await reset()
})

describe('token limits', () => {
  test('a token without stated limits has default limits', async () => {
    const { limits, tokensToday } = await made()
    expect(limits).toEqual(DEFAULT_LIMITS)
    expect(limits).toEqual({ requestsPerMinute: 60, atOnce: 4, tokensPerDay: 500_000, models: [] })
    expect(tokensToday).toBe(0)
  })

  test.each([
    ['no requests', { requestsPerMinute: 0 }],
    ['no end of them', { requestsPerMinute: 6001 }],
    ['no end of tokens', { tokensPerDay: null }],
    ['a limit that there is not', { perYear: 1 }],
    ['a model without a name', { models: [' '] }],
  ])('token limits cannot be %s', async (_what, limits) => {
    const browser = await signedIn()
    expect((await browser('/api/tokens', post({ name: 'x', scopes: ['v1'], limits }))).status).toBe(
      422,
    )
  })

  test('an old token without stored limits is listed with the defaults', async () => {
    const { id } = await made({ atOnce: 1 })
    await runInDurableObject(
      env.HOME.get(env.HOME.idFromName('home')),
      (_home, { storage: { sql } }) => {
        sql.exec("UPDATE token SET limits = '{}' WHERE id = ?", id)
      },
    )
    expect((await infoOf(id))?.limits).toEqual(DEFAULT_LIMITS)
  })
})

describe('requests per minute', () => {
  test('every request of a token counts toward its own limit only', async () => {
    const [{ token }, other] = [await made({ requestsPerMinute: 3 }), await made()]
    const get = (path: string) => worker(path, { headers: bearer(token) })
    for (const path of ['/v1/models', '/api/llm/models', '/api/health?code=200'])
      expect((await get(path)).status).toBe(200)
    for (const path of ['/api/llm/models', '/api/runs/none']) {
      const refused = await get(path)
      expect(refused.status).toBe(429)
      expect(await refused.json<Problem>()).toMatchObject({ code: 'limit', status: 429 })
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60)
    }
    // Public routes stay public.
    expect(await (await get('/api/health?code=200')).json()).not.toHaveProperty('summary')
    expect((await get('/api/llm/status')).status).toBe(200)
    const ai = await get('/v1/models')
    expect([ai.status, ai.headers.has('retry-after')]).toEqual([429, true])
    expect(await ai.json()).toMatchObject({
      error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
    })
    expect((await worker('/v1/models', { headers: bearer(other.token) })).status).toBe(200)
  })

  test('refused requests count, and revalidating an open stream does not', async () => {
    const { token } = await made({ requestsPerMinute: 2 })
    expect((await worker('/api/tokens', { headers: bearer(token) })).status).toBe(403)
    const started = await worker(
      '/api/runs',
      post(
        { model: MODEL, prompt: 'Count to 2400' },
        { ...bearer(token), Accept: 'text/event-stream' },
      ),
    )
    expect(await started.text()).toContain('event: done')
    expect((await worker('/api/llm/models', { headers: bearer(token) })).status).toBe(429)
  })
})

describe('parallel answers', () => {
  test('parallel answers are counted exactly, over every route', async () => {
    const { token } = await made({ atOnce: 2 })
    const short = 'Count to 600'
    const runs = [run(token, short), run(token, short), run(token, short), run(token, short)]
    const answers = await Promise.all([...runs, chat(token, 'Count to 3')])
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(2)
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(3)
    for (const { headers } of refused) expect(headers.get('retry-after')).toBe('5')
  })

  test('a finished answer frees its slot', async () => {
    const { token } = await made({ atOnce: 1 })
    for (let nth = 0; nth < 3; nth++) expect((await chat(token, 'Count to 3')).status).toBe(200)
    const { id } = await (await run(token)).json<Started>()
    expect((await chat(token, 'Count to 3')).status).toBe(429)
    await worker(`/api/runs/${id}/stop`, { method: 'POST', headers: bearer(token) })
    expect((await chat(token, 'Count to 3')).status).toBe(200)
  })
})

describe('generated tokens per day', () => {
  const usage = async (response: Response) =>
    (await response.json<{ usage: { total_tokens: number } }>()).usage.total_tokens

  test('daily tokens are counted as the home reports them, and the limit lasts until midnight', async () => {
    const { token, id } = await made({ tokensPerDay: 60 })
    const used = await usage(await chat(token, 'Count to 30'))
    await vi.waitFor(async () => expect((await infoOf(id))?.tokensToday).toBe(used), 3000)
    const { id: runId } = await (await run(token, 'Count to 30')).json<Started>()
    await vi.waitFor(async () => expect(await stateOf(runId)).toBe('done'), 5000)
    expect((await infoOf(id))?.tokensToday).toBeGreaterThan(used + 30)
    for (const refused of [await chat(token, 'x'), await run(token, 'x')]) {
      expect(refused.status).toBe(429)
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(86_400)
    }
    const embedded = await worker(
      '/v1/embeddings',
      post({ model: MODEL, input: 'x' }, bearer(token)),
    )
    expect(embedded.status).toBe(429)
    await runInDurableObject(
      env.HOME.get(env.HOME.idFromName('home')),
      (_home, { storage: { sql } }) => {
        sql.exec("UPDATE token SET day = '2000-01-01' WHERE id = ?", id)
      },
    )
    expect((await chat(token, 'Count to 3')).status).toBe(200)
  })

  test('an abandoned answer counts toward the day, and a refused one does not', async () => {
    const { token, id } = await made()
    expect((await run(token, 'x', 'no-such-model')).status).toBe(201)
    expect((await chat(token, 'x', { model: 'no-such-model' })).status).toBe(404)
    const leave = new AbortController()
    const stream = await worker('/v1/chat/completions', {
      ...post(
        { model: MODEL, stream: true, messages: [{ role: 'user', content: LONG }] },
        bearer(token),
      ),
      signal: leave.signal,
    })
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader()
    for (let read = 0; read < 4000;) read += (await reader.read()).value?.byteLength ?? 4000
    expect((await infoOf(id))?.tokensToday).toBe(0)
    await reader.cancel()
    await vi.waitFor(async () => expect((await infoOf(id))?.tokensToday).toBeGreaterThan(5), 4000)
  })
})

describe('allowed models', () => {
  test('a token sees and uses only its allowed models, under any of their names', async () => {
    const { token } = await made({ models: ['llama3.2'] })
    const list = async (path: string) =>
      JSON.stringify(await (await worker(path, { headers: bearer(token) })).json())
    for (const path of ['/v1/models', '/api/llm/models']) {
      expect(await list(path)).toContain(MODEL)
      expect(await list(path)).not.toContain('mistral')
    }
    expect((await worker('/v1/models/mistral', { headers: bearer(token) })).status).toBe(404)
    expect((await chat(token, 'Count to 3')).status).toBe(200)
    await reset()
    for (const refused of [
      await chat(token, 'x', { model: 'mistral' }),
      await run(token, 'x', 'mistral:latest'),
    ])
      expect(refused.status).toBe(403)
    const embedded = await worker(
      '/v1/embeddings',
      post({ model: 'mistral', input: 'x' }, bearer(token)),
    )
    expect(embedded.status).toBe(403)
    const deep = await worker('/api/health?deep=1&load=1&model=mistral', { headers: bearer(token) })
    expect(deep.status).toBe(403)
    expect((await asked()).filter(({ method }) => method === 'POST')).toEqual([])
  })
})

describe('revoked tokens', () => {
  test('revoking a token ends its running and waiting requests', async () => {
    const { token, id } = await made()
    const { id: first } = await (await run(token)).json<Started>()
    const { id: second } = await (await run(token)).json<Started>()
    await revoke(id)
    expect([await stateOf(first), await stateOf(second)]).toEqual(['stopped', 'stopped'])
  })

  test('a waiting request of a revoked token leaves the queue within ten seconds and never reaches the home', async () => {
    const browser = await signedIn()
    const { id: mine } = await (
      await browser('/api/runs', post({ model: MODEL, prompt: LONG }))
    ).json<Started>()
    const { token, id } = await made()
    const waiting = chat(token, 'A question that waits')
    await vi.waitFor(
      async () => expect(await (await browser('/api/queue')).text()).toContain('"lane":"token"'),
      3000,
    )
    const at = Date.now()
    await revoke(id)
    expect((await waiting).status).toBeGreaterThanOrEqual(400)
    expect(Date.now() - at).toBeLessThan(10_000)
    await browser(`/api/runs/${mine}/stop`, { method: 'POST' })
    expect(JSON.stringify(await asked())).not.toContain('A question that waits')
  })
})
