import { createHash, randomBytes } from 'node:crypto'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startHome, type Home } from '../../simulator/home.ts'
import { DEMO_MODELS, type Model } from '../../simulator/models.ts'
import { serve, type Served } from '../support/serve.ts'

// The official client against a started server: what it understands is what counts.

const [LLAMA] = DEMO_MODELS
const like = (name: string, more: Partial<Model>): Model => ({
  ...LLAMA,
  name,
  digest: name,
  ...more,
})
const MODELS = [
  ...DEMO_MODELS,
  like('thinker:latest', {
    capabilities: ['completion', 'thinking'],
    family: 'gptoss',
    warm: true,
  }),
  like('seer:latest', { capabilities: ['completion', 'vision'], warm: true }),
  like('vectors:latest', { capabilities: ['embedding'], warm: true }),
  like('hf.co/someone/some-model:q4', { capabilities: ['completion'] }),
  like('gpt-oss:120b-cloud', { remote: { model: 'gpt-oss:120b', host: 'https://ollama.com:443' } }),
]
const MODEL = 'llama3.2'
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

let home: Home
let server: Served
let client: OpenAI

beforeAll(async () => {
  home = await startHome({ models: MODELS, tokensPerSecond: 400, loadMs: 1500 })
  server = await serve({ OLLAMA_URL: home.url })
  client = new OpenAI({
    baseURL: `${server.url}/v1`,
    apiKey: 'whatever',
    maxRetries: 2,
    timeout: 15_000,
  })
}, 60_000)
afterAll(async () => {
  await server.stop()
  await home.stop()
})
beforeEach(() => home.reset())

const user = (content: string) => [{ role: 'user' as const, content }]
const chat = (more: object = {}) =>
  client.chat.completions.create({
    model: MODEL,
    messages: user('Count to 12'),
    ...more,
    stream: false,
  })
const stream = (more: object = {}) =>
  client.chat.completions.create({
    model: MODEL,
    messages: user('Count to 12'),
    ...more,
    stream: true,
  })

async function errorOf(asking: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  try {
    await asking
  } catch (error) {
    if (error instanceof OpenAI.APIError) return error
    throw error
  }
  throw new Error('no error came')
}

const askedForText = () =>
  home.asked().filter(({ path }) => ['/api/chat', '/api/generate', '/api/embed'].includes(path))
const lastBody = () => JSON.parse(askedForText().at(-1)?.body ?? '{}') as Record<string, unknown>

const TOOL = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    description: 'The weather in a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
    strict: true,
  },
}

describe('the OpenAI API: models', () => {
  test('/v1/models lists the models without cloud models', async () => {
    const { data } = await client.models.list()
    expect(data.map(({ id }) => id)).toContain('llama3.2:latest')
    expect(data.map(({ id }) => id)).not.toContain('gpt-oss:120b-cloud')
    expect(data[0]).toMatchObject({ object: 'model', owned_by: 'library' })
    expect(data[0]?.created).toBeGreaterThan(1e9)
  })

  test.each(['llama3.2', 'llama3.2:latest', 'hf.co/someone/some-model:q4'])(
    '/v1/models/{id} describes a model by its name: %s',
    async (id) => {
      const model = await client.models.retrieve(id)
      expect(model.object).toBe('model')
    },
  )

  test('an unknown model of /v1/models is a 404', async () => {
    expect((await errorOf(client.models.retrieve('nothing'))).status).toBe(404)
  })
})

describe('the OpenAI API: chat', () => {
  test('a chat completion without streaming is complete, with usage', async () => {
    const { choices, usage, object, id } = await chat()
    expect(choices[0]).toMatchObject({
      message: { role: 'assistant', content: '1 2 3 4 5 6 7 8 9 10 11 12' },
      finish_reason: 'stop',
    })
    expect([object, id.startsWith('chatcmpl-')]).toEqual(['chat.completion', true])
    expect(usage?.completion_tokens).toBeGreaterThan(10)
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0))
  })

  test('a chat stream has usage only if requested', async () => {
    let text = ''
    const usages: unknown[] = []
    for await (const { choices, usage } of await stream({
      stream_options: { include_usage: true },
    })) {
      text += choices[0]?.delta.content ?? ''
      if (usage) usages.push(usage)
    }
    expect(text).toBe('1 2 3 4 5 6 7 8 9 10 11 12')
    expect(usages).toHaveLength(1)
    const chunks = []
    for await (const chunk of await stream()) chunks.push(chunk)
    expect(chunks.every((chunk) => !('usage' in chunk))).toBe(true)
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop')
  })

  test('a chat request is translated to Ollama’s fields and nothing else', async () => {
    await chat({
      messages: [
        { role: 'developer', content: [{ type: 'text', text: 'Be brief.' }] },
        { role: 'user', content: 'Hello', name: 'me' },
      ],
      max_completion_tokens: 9,
      temperature: 0,
      top_p: 0.5,
      presence_penalty: 1,
      frequency_penalty: 0.5,
      seed: 7,
      stop: 'never',
      user: 'somebody',
      store: true,
      keep_alive: -1,
      options: { num_gpu: 0 },
      num_ctx: 99,
      _debug_render_only: true,
    })
    expect(lastBody()).toEqual({
      model: MODEL,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ],
      options: {
        temperature: 0,
        top_p: 0.5,
        presence_penalty: 1,
        frequency_penalty: 0.5,
        seed: 7,
        stop: ['never'],
        num_predict: 9,
      },
      stream: true,
    })
  })

  test('a chat ends at a stop sequence and at max_tokens', async () => {
    expect((await chat({ stop: ['7'] })).choices[0]?.message.content).toBe('1 2 3 4 5 6 ')
    expect((await chat({ max_tokens: 4 })).choices[0]?.finish_reason).toBe('length')
  })

  test('a chat calls a tool and continues with its result', async () => {
    const question = user('What is the weather in Tokyo?')
    const first = await chat({ messages: question, tools: [TOOL], tool_choice: 'auto' })
    const [choice] = first.choices
    expect(choice).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } })
    const call = choice?.message.tool_calls?.[0]
    expect(call).toMatchObject({
      type: 'function',
      function: { name: 'get_weather', arguments: '{"city":"Tokyo"}' },
    })
    const result = { role: 'tool', tool_call_id: call?.id, content: '19 °C' }
    const second = await chat({ messages: [...question, choice?.message, result], tools: [TOOL] })
    expect(second.choices[0]?.message.content).toContain('19 °C')
    expect(lastBody().messages).toMatchObject([
      { role: 'user' },
      {
        role: 'assistant',
        tool_calls: [{ function: { name: 'get_weather', arguments: { city: 'Tokyo' } } }],
      },
      { role: 'tool', content: '19 °C', tool_name: 'get_weather' },
    ])
  })

  test('a streamed tool call can be assembled by the client', async () => {
    const asked = { model: MODEL, messages: user('What is the weather in Tokyo?'), tools: [TOOL] }
    const { choices } = await client.chat.completions.stream(asked).finalChatCompletion()
    expect(choices[0]?.finish_reason).toBe('tool_calls')
    expect(choices[0]?.message.tool_calls?.[0]).toMatchObject({
      function: { arguments: '{"city":"Tokyo"}' },
    })
  })

  test('tool_choice none sends no tools to the home', async () => {
    await chat({ tools: [TOOL], tool_choice: 'none' })
    expect(lastBody()).not.toHaveProperty('tools')
  })

  test('response_format supports free JSON and a JSON Schema', async () => {
    const free = await chat({ response_format: { type: 'json_object' } })
    expect(JSON.parse(free.choices[0]?.message.content ?? '')).toBeTypeOf('object')
    const schema = { type: 'object', properties: { age: { type: 'integer' } }, required: ['age'] }
    const strict = await chat({
      response_format: { type: 'json_schema', json_schema: { name: 'a', schema, strict: true } },
    })
    expect(JSON.parse(strict.choices[0]?.message.content ?? '')).toEqual({ age: 42 })
    expect(lastBody().format).toEqual(schema)
  })

  test('an image in a chat message reaches the model', async () => {
    const content = [
      { type: 'text', text: 'What is it?' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}`, detail: 'low' } },
    ]
    await chat({ model: 'seer', messages: [{ role: 'user', content }] })
    expect(lastBody().messages).toEqual([{ role: 'user', content: 'What is it?', images: [PIXEL] }])
  })

  test('reasoning_effort sets the thinking level, and thinking is separate from the answer', async () => {
    const { choices } = await chat({ model: 'thinker', reasoning_effort: 'low' })
    expect(lastBody().think).toBe('low')
    expect(choices[0]?.message).toHaveProperty('reasoning')
    await chat({ model: 'thinker', reasoning_effort: 'none' })
    expect(lastBody().think).toBe(false)
  })

  test('a chat completion returns logprobs', async () => {
    const { choices } = await chat({ logprobs: true, top_logprobs: 2, max_tokens: 4 })
    const [token] = choices[0]?.logprobs?.content ?? []
    expect(token?.logprob).toBeLessThan(0)
    expect(token?.top_logprobs).toHaveLength(2)
  })

  test('a client that disconnects ends the chat at the home within a second', async () => {
    const leave = new AbortController()
    const asked = { model: MODEL, messages: user('Count to 3000'), stream: true } as const
    const answer = await client.chat.completions.create(asked, { signal: leave.signal })
    for await (const chunk of answer) if (chunk.choices[0]?.delta.content) break
    leave.abort()
    await expect
      .poll(() => askedForText().at(-1)?.endedBy, { timeout: 1000, interval: 20 })
      .toBe('client_left')
  })

  test('a client that disconnects while it waits leaves the queue, and the home gets no request', async () => {
    const first = await client.chat.completions.create({
      model: MODEL,
      messages: user('Count to 1200'),
      stream: true,
    })
    const leave = new AbortController()
    const asked = { model: MODEL, messages: user('Count to 2'), stream: true } as const
    const waiting = await client.chat.completions.create(asked, { signal: leave.signal })
    leave.abort()
    await new Promise((resume) => setTimeout(resume, 1000))
    const third = chat({ messages: user('Count to 3') })
    let text = ''
    for await (const { choices } of first) text += choices[0]?.delta.content ?? ''
    for await (const _ of waiting) throw new Error('a client that disconnected gets nothing')
    expect([(await third).choices[0]?.message.content, text.endsWith('1200')]).toEqual([
      '1 2 3',
      true,
    ])
    expect(askedForText()).toHaveLength(2)
  })

  test('a slow answer sends its headers early, so that no proxy times out', async () => {
    await home.reset()
    const asked = { model: 'mistral', messages: user('Count to 3') }
    home.setModels(MODELS.map((model) => ({ ...model, warm: false })))
    const response = await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...asked, stream: true }),
    })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const body = await response.text()
    expect(body).toMatch(/^: waiting\n\n/)
    expect(body).toMatch(/data: \[DONE\]\n\n$/)
  })
})

describe('the OpenAI API: embeddings', () => {
  const embed = (more: object) =>
    client.embeddings.create({ model: 'vectors', input: 'a', ...more })

  test('embeddings accept a text or a list and return floats or base64', async () => {
    const [plain, coded] = await Promise.all([
      embed({ encoding_format: 'float' }),
      embed({ input: ['a', 'b'] }),
    ])
    expect(plain.data[0]?.embedding).toHaveLength(64)
    expect(coded.data.map(({ index }) => index)).toEqual([0, 1])
    const [exact, rounded] = [plain.data[0]?.embedding ?? [], coded.data[0]?.embedding ?? []]
    expect(exact.every((number, index) => Math.abs(number - (rounded[index] ?? 9)) < 1e-6)).toBe(
      true,
    )
    expect(plain.usage.prompt_tokens).toBe(1)
  })

  test('embeddings have the requested dimensions', async () => {
    expect(
      (await embed({ dimensions: 8, encoding_format: 'float' })).data[0]?.embedding,
    ).toHaveLength(8)
  })

  test('embeddings of a text that is too long are refused and not truncated', async () => {
    const error = await errorOf(embed({ input: 'word '.repeat(5000) }))
    expect([error.status, error.type]).toEqual([400, 'invalid_request_error'])
  })

  test.each([
    { input: [1, 2] },
    { input: [] },
    { input: '' },
    { encoding_format: 'hex' },
    { dimensions: 0 },
  ])('embeddings are refused for %j', async (more) =>
    expect((await errorOf(embed(more))).status).toBe(400),
  )
})

describe('the OpenAI API: errors', () => {
  test('an unknown chat model is a 404 with the fix', async () => {
    const error = await errorOf(chat({ model: 'nothing' }))
    expect([error.status, error.code, error.param]).toEqual([404, 'model_not_found', 'model'])
    expect(error.message).toContain('ollama pull nothing')
  })

  test.each([
    ['n', { n: 2 }],
    ['tool_choice', { tools: [TOOL], tool_choice: 'required' }],
    [
      'tool_choice',
      { tools: [TOOL], tool_choice: { type: 'function', function: { name: 'get_weather' } } },
    ],
    ['messages', { messages: [] }],
    ['messages.0.role', { messages: [{ role: 'robot', content: 'a' }] }],
    ['logit_bias', { logit_bias: { 50256: -100 } }],
    ['max_tokens', { max_tokens: 0 }],
    ['temperature', { temperature: 'hot' }],
  ])('an invalid chat request names its field: %s in %j', async (param, more) => {
    const error = await errorOf(chat(more))
    expect([error.status, error.type]).toEqual([400, 'invalid_request_error'])
    expect(error.param).toBe(param)
    expect(askedForText()).toEqual([])
  })

  test('an image URL is never fetched', async () => {
    const content = [{ type: 'image_url', image_url: { url: `${home.url}/picture.png` } }]
    const error = await errorOf(chat({ messages: [{ role: 'user', content }] }))
    expect(error.status).toBe(400)
    expect(home.asked().filter(({ path }) => path.includes('picture'))).toEqual([])
  })

  test('a capability that the model lacks is a 400', async () => {
    const error = await errorOf(chat({ model: 'codellama:7b', tools: [TOOL] }))
    expect([error.status, error.code]).toEqual([400, 'cannot_do'])
  })

  test('a cloud model is refused over /v1', async () => {
    const error = await errorOf(chat({ model: 'gpt-oss:120b-cloud' }))
    expect(error.status).toBe(403)
    expect(error.message).toContain('ALLOW_CLOUD_MODELS')
    expect(askedForText()).toEqual([])
  })

  test.each(['ollama_busy', 'tunnel_down'] as const)(
    'a failing home is an OpenAI error after one request: %s',
    async (fault) => {
      await home.setFault(fault === 'tunnel_down' ? 'cloudflared_offline' : 'queue_full')
      const error = await errorOf(chat())
      expect([error.status, error.type, error.code]).toEqual([503, 'api_error', fault])
      expect(error.message.length).toBeGreaterThan(30)
      expect(home.asked().filter(({ path }) => path === '/api/chat')).toHaveLength(1)
    },
  )

  test('a chat stream that breaks off ends with an error', async () => {
    await home.setFault('stream_ends_early')
    const reading = (async () => {
      for await (const _ of await stream()) continue
    })()
    expect((await errorOf(reading)).message).not.toBe('')
    expect((await errorOf(chat())).status).toBe(503)
  })

  test.each(['/completions', '/responses', '/audio/speech', '/models/../../api/tags', '/files'])(
    'an unknown /v1 path is an OpenAI error: %s',
    async (path) => {
      const response = await fetch(`${server.url}/v1${path}`, { method: 'POST' })
      const { error } = (await response.json()) as { error: { type: string } }
      if (!path.includes('..'))
        expect([response.status, error.type]).toEqual([404, 'invalid_request_error'])
      expect(home.asked()).toEqual([])
    },
  )

  test('a chat body that is not JSON is a 400', async () => {
    const send = (headers: Record<string, string>) =>
      fetch(`${server.url}/v1/chat/completions`, { method: 'POST', body: '{bad', headers })
    const json = await send({ 'Content-Type': 'application/json' })
    expect([json.status, ((await json.json()) as { error: { type: string } }).error.type]).toEqual([
      400,
      'invalid_request_error',
    ])
    expect((await send({ 'Content-Type': 'text/plain' })).status).toBe(415)
  })

  test('a page of another site may not use /v1', async () => {
    const headers = { Origin: 'https://elsewhere.example', Authorization: 'Bearer whatever' }
    const response = await fetch(`${server.url}/v1/models`, { headers })
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([
      403,
      null,
    ])
  })
})

describe('the OpenAI API with an owner key', () => {
  const key = randomBytes(32).toString('base64url')
  let owned: Served
  let cookie = ''

  const own = async (path: string, method: string, body?: object) => {
    const headers = {
      'Content-Type': 'application/json',
      'Sec-Fetch-Site': 'same-origin',
      Cookie: cookie,
    }
    const response = await fetch(`${owned.url}${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    cookie ||= response.headers.get('set-cookie')?.split(';')[0] ?? ''
    return response
  }
  const tokenFor = async (scopes: string[]) =>
    (await (await own('/api/tokens', 'POST', { name: 'test', scopes })).json()) as {
      id: string
      token: string
    }
  const clientWith = (apiKey: string) =>
    new OpenAI({ baseURL: `${owned.url}/v1`, apiKey, maxRetries: 0, timeout: 15_000 })

  beforeAll(async () => {
    owned = await serve({
      OLLAMA_URL: home.url,
      OWNER_KEY_HASH: createHash('sha256').update(key).digest('hex'),
    })
    expect((await own('/api/session', 'POST', { key })).status).toBe(204)
  }, 60_000)
  afterAll(() => owned.stop())

  test('a token with the scope v1 may use /v1 within its limits', async () => {
    const { token } = await tokenFor(['v1'])
    const asked = { model: MODEL, messages: user('Count to 3'), max_tokens: 99_999 }
    const { choices } = await clientWith(token).chat.completions.create(asked)
    expect(choices[0]?.message.content).toBe('1 2 3')
    expect(lastBody().options).toEqual({ num_predict: 16_384 })
  })

  test('/v1 rejects a wrong key, no key and a cookie', async () => {
    const error = await errorOf(clientWith('pl_nobody').models.list())
    expect([error.status, error.code, error.type]).toEqual([
      401,
      'invalid_api_key',
      'authentication_error',
    ])
    expect((await fetch(`${owned.url}/v1/models`)).status).toBe(401)
    expect((await own('/v1/models', 'GET')).status).toBe(401)
    expect((await own('/api/tokens', 'GET')).status).toBe(200)
    expect(home.asked()).toEqual([])
  })

  test('a token with another scope is a 403 on /v1', async () => {
    const { token } = await tokenFor(['status:read', 'models:read'])
    const error = await errorOf(
      clientWith(token).chat.completions.create({ model: MODEL, messages: user('Hi') }),
    )
    expect([error.status, error.type]).toEqual([403, 'permission_error'])
    expect(askedForText()).toEqual([])
  })

  test('revoking a token ends its chat stream', { timeout: 30_000 }, async () => {
    const { id, token } = await tokenFor(['v1'])
    const asked = { model: MODEL, messages: user('Count to 9000'), stream: true } as const
    const answer = await clientWith(token).chat.completions.create(asked)
    const reading = (async () => {
      for await (const _ of answer) continue
    })()
    await own(`/api/tokens/${id}`, 'DELETE')
    await expect(reading).rejects.toThrow()
    await expect.poll(() => askedForText().at(-1)?.endedBy, { timeout: 1000 }).toBe('client_left')
  })
})
