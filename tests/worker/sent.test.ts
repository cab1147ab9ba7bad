import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Lane } from '../../src/lib/contract/access.ts'
import { createApi } from '../../worker/api.ts'
import { readConfig } from '../../worker/config.ts'
import { diagnose } from '../../worker/diagnosis/diagnose.ts'
import type { Identity } from '../../worker/auth/caller.ts'
import { LIMITS, recipeFor } from '../../worker/runs/recipe-limits.ts'
import { answerTo } from '../../worker/ollama/answer.ts'
import { ollamaAt } from '../../worker/ollama/client.ts'
import { send, type Route } from '../../worker/ollama/transport.ts'
import type { Ports } from '../../worker/ports.ts'
import { asked, FREE, homeUrl, reset } from '../support/workerd/client.ts'

// Which routes and fields may reach the home, whatever we receive.

const config = readConfig({ RUNTIME: 'local', OLLAMA_URL: homeUrl, ALLOW_MODEL_ADMIN: '1' })
const MODEL = 'llama3.2:latest'

beforeEach(reset)

describe('the list of allowed requests to a home', () => {
  const NEVER = [
    'POST /api/create',
    'POST /api/push',
    'POST /api/blobs/sha256:0',
    'HEAD /api/blobs/sha256:0',
    'POST /api/me',
    'POST /api/signout',
    'DELETE /api/user/keys/a',
    'POST /api/experimental/web_search',
    'POST /api/experimental/web_fetch',
    'POST /v1/chat/completions',
    'GET /v1/models',
    'POST /v1/embeddings',
    'POST /api/embeddings',
    'GET /api/delete',
    'DELETE /api/tags',
    'POST /api/tags',
    'GET /api/../api/tags',
    'POST /api/generate/',
    'GET //api/tags',
    'toString',
    '__proto__',
    'constructor',
    '',
  ] as const

  test.each(NEVER)('the list of allowed requests lacks %s', async (route) => {
    expect(() => send(config, { route: route as Route, body: '{}' })).toThrow()
    expect(await asked()).toEqual([])
  })

  test('Ollama’s own client cannot send a request outside of the list', async () => {
    const ollama = ollamaAt(config, { firstMs: 1000, idleMs: 1000 }, new AbortController().signal)
    await expect(ollama.create({ model: 'a', from: 'b' })).rejects.toThrow()
    await expect(ollama.push({ model: 'a' })).rejects.toThrow()
    expect(await asked()).toEqual([])
  })
})

const ALLOWED: Record<string, readonly string[]> = {
  '/api/generate': [
    'model',
    'prompt',
    'stream',
    'system',
    'options',
    'images',
    'raw',
    'format',
    'think',
    'keep_alive',
    'logprobs',
    'top_logprobs',
    'truncate',
    'shift',
  ],
  '/api/chat': [
    'model',
    'messages',
    'stream',
    'options',
    'tools',
    'format',
    'think',
    'keep_alive',
    'logprobs',
    'top_logprobs',
    'truncate',
    'shift',
  ],
  '/api/embed': ['model', 'input', 'truncate', 'dimensions'],
  '/api/show': ['model', 'name', 'system', 'template', 'options'],
  '/api/pull': ['name', 'stream'],
  '/api/copy': ['source', 'destination'],
  '/api/delete': ['name'],
}
const MESSAGE = ['role', 'content', 'thinking', 'images', 'tool_calls', 'tool_name', 'tool_call_id']
/** Only the owner may send these. */
const OWNERS = [
  'keep_alive',
  'raw',
  'num_ctx',
  'num_gpu',
  'main_gpu',
  'num_batch',
  'num_thread',
  'draft_num_predict',
  'use_mmap',
]
const NOBODYS = [
  '_debug_render_only',
  'template',
  'suffix',
  'context',
  'insecure',
  'modelfile',
  'canary',
]

interface Body extends Record<string, unknown> {
  options?: Record<string, unknown>
  messages?: Record<string, unknown>[]
}

const bodiesAsked = async () =>
  (await asked()).flatMap(({ path, body }) =>
    body ? [{ path, body: JSON.parse(body) as Body }] : [],
  )

/** The API for a caller in this lane, with runs that execute at once. */
function apiFor(lane: Lane) {
  const scopes = ['runs:write', 'v1', 'models:read', 'status:read'] as const
  const known = {
    owner: { who: 'owner', session: null, keyAt: Date.now() },
    token: { who: 'token', id: 'a', scopes, models: [], waitMs: 0 },
    guest: {
      who: 'guest',
      share: 'a',
      session: 'b',
      show: { system: true, thinking: true, images: true, stats: true },
    },
  } as const satisfies Record<Lane, Identity>
  const ports = {
    config,
    diagnosis: { check: async () => ({ verdict: await diagnose(config), lastSeen: null }) },
    auth: { identify: async () => known[lane] },
    runQueue: { lease: async () => FREE },
    warmUp: { outlooks: async () => [] },
    exposure: {
      state: async () => ({ origin: '', state: 'closed', checkedAt: null, hiddenUntil: null }),
    },
    runs: {
      start: async (recipe: Parameters<Ports['runs']['start']>[0]) => {
        for await (const _ of answerTo(config, recipe, new AbortController().signal)) break
        return { id: 'a', state: 'running', place: 0 }
      },
    },
  } as unknown as Ports
  const api = createApi(ports)
  return async (method: string, path: string, body: unknown) => {
    const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer pl_whatever' }
    const response = await api.fetch(
      new Request(`http://localhost${path}`, { method, headers, body: JSON.stringify(body) }),
    )
    // A stream without a reader is not sent.
    await response.text().catch(() => '')
    return response.status
  }
}

/** Arbitrary values, and nearly valid bodies with arbitrary additions. */
const junk = fc.dictionary(
  fc.oneof(
    fc.constantFrom(
      ...NOBODYS,
      ...OWNERS,
      'options',
      'stream',
      'model',
      'messages',
      'prompt',
      'think',
    ),
    fc.string(),
  ),
  fc.jsonValue({ maxDepth: 3 }),
  { maxKeys: 4 },
)
const options = fc.dictionary(
  fc.constantFrom(
    'seed',
    'temperature',
    'num_predict',
    'num_ctx',
    'num_gpu',
    'main_gpu',
    'num_batch',
    'num_thread',
  ),
  fc.integer({ min: 1, max: 50 }),
)
const bodies = fc.oneof(
  { arbitrary: fc.jsonValue(), weight: 1 },
  {
    weight: 6,
    arbitrary: fc
      .record({
        extra: junk,
        isBare: fc.boolean(),
        options,
        num: fc.integer({ min: -2, max: 99_999 }),
        keep: fc.constantFrom(-1, 0, '1s'),
      })
      .map(({ extra, isBare, options, num, keep }) => ({
        ...(isBare ? {} : extra),
        model: MODEL,
        messages: [{ role: 'user', content: 'Hi', ...(isBare ? {} : { canary: 1 }) }],
        input: 'a',
        prompt: 'Hi',
        max_tokens: num,
        options: { ...options, num_predict: num },
        keep_alive: keep,
        stream: false,
      })),
  },
)
/** The same body with either a prompt or messages. */
const oneWay = (body: unknown, way: 'messages' | 'prompt') => {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const wanted = ['model', way, 'options', 'keep_alive'].filter((key) => key in body)
  return Object.fromEntries(
    wanted.map((key) => [
      key,
      key === 'messages' ? [{ role: 'user', content: 'Hi' }] : (body as Body)[key],
    ]),
  )
}

const ROUTES = [
  ['POST', '/v1/chat/completions', (body: unknown) => body],
  ['POST', '/v1/embeddings', (body: unknown) => body],
  ['POST', '/api/llm/generate', (body: unknown) => body],
  ['POST', '/api/runs', (body: unknown) => body],
  ['POST', '/api/runs', (body: unknown) => oneWay(body, 'messages')],
  ['POST', '/api/runs', (body: unknown) => oneWay(body, 'prompt')],
  ['POST', '/api/models/pull', (body: unknown) => body],
  ['POST', '/api/models/copy', (body: unknown) => body],
] as const

describe('requests that reach the home', () => {
  test.each(['owner', 'token', 'guest'] as const)(
    'no request of a %s makes the home receive anything outside of the list',
    { timeout: 60_000 },
    async (lane) => {
      const api = apiFor(lane)
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...ROUTES),
          bodies,
          async ([method, path, shaped], body) => {
            await api(method, path, shaped(body))
          },
        ),
        { numRuns: 80 },
      )
      const sent = await bodiesAsked()
      if (lane !== 'guest')
        expect(sent.filter(({ path }) => path === '/api/chat').length).toBeGreaterThan(5)
      else expect(sent).toEqual([])
      for (const { path, body } of sent) {
        const { options = {}, messages = [], ...rest } = body
        expect(ALLOWED[path], path).toEqual(expect.arrayContaining(Object.keys(rest)))
        for (const message of messages)
          expect(MESSAGE).toEqual(expect.arrayContaining(Object.keys(message)))
        const words = [...Object.keys(rest), ...Object.keys(options)]
        expect(words.filter((word) => NOBODYS.includes(word) && path !== '/api/show')).toEqual([])
        if (lane === 'owner') continue
        expect(words.filter((word) => OWNERS.includes(word))).toEqual([])
        if (path === '/api/embed' || path === '/api/show') continue
        expect(options.num_predict).toBeGreaterThan(0)
        expect(options.num_predict).toBeLessThanOrEqual(LIMITS.token.tokens)
      }
    },
  )

  test('a guest’s recipe reaches the home only within the share’s limits', async () => {
    const messages = [{ role: 'user' as const, content: 'Hi' }]
    const recipe = recipeFor('guest', {
      model: MODEL,
      messages,
      keepAlive: -1,
      options: { num_ctx: 1, seed: 2 },
    })
    for await (const _ of answerTo(config, recipe, new AbortController().signal)) break
    expect((await bodiesAsked())[0]?.body).toEqual({
      model: MODEL,
      messages,
      options: { seed: 2, num_predict: LIMITS.guest.tokens },
      stream: true,
    })
  })
})

describe('access by caller', () => {
  const BODY = {
    model: MODEL,
    prompt: 'Hi',
    messages: [{ role: 'user', content: 'Hi' }],
    input: 'a',
  }
  const { prompt: _, ...chatBody } = BODY
  const TABLE = [
    ['GET', '/v1/models', null, { owner: 200, token: 200, guest: 403 }],
    ['POST', '/v1/chat/completions', chatBody, { owner: 200, token: 200, guest: 403 }],
    ['POST', '/v1/embeddings', BODY, { owner: 200, token: 200, guest: 403 }],
    ['POST', '/v1/completions', BODY, { owner: 404, token: 404, guest: 404 }],
    ['DELETE', '/v1/models/a', null, { owner: 404, token: 404, guest: 404 }],
    ['GET', '/api/llm/models', null, { owner: 200, token: 200, guest: 403 }],
    [
      'POST',
      '/api/llm/generate',
      { model: MODEL, prompt: 'Hi' },
      { owner: 200, token: 403, guest: 403 },
    ],
    ['POST', '/api/runs', { model: MODEL, prompt: 'Hi' }, { owner: 201, token: 201, guest: 403 }],
    ['GET', '/api/models', null, { owner: 200, token: 403, guest: 403 }],
    ['POST', '/api/models/pull', { model: 'a' }, { owner: 200, token: 403, guest: 403 }],
    [
      'POST',
      '/api/models/copy',
      { source: MODEL, destination: 'b' },
      { owner: 204, token: 403, guest: 403 },
    ],
    ['DELETE', '/api/models/b', null, { owner: 404, token: 403, guest: 403 }],
    ['GET', '/api/exposure', null, { owner: 200, token: 403, guest: 403 }],
    ['POST', '/api/create', {}, { owner: 404, token: 404, guest: 404 }],
    ['POST', '/api/pull', { model: 'a' }, { owner: 404, token: 404, guest: 404 }],
    ['GET', '/api/tags', null, { owner: 404, token: 404, guest: 404 }],
  ] as const

  test.each(TABLE)(
    'the caller decides the response of %s %s',
    async (method, path, body, expected) => {
      for (const lane of ['guest', 'token', 'owner'] as const) {
        expect(await apiFor(lane)(method, path, body ?? undefined), lane).toBe(expected[lane])
      }
    },
  )
})
