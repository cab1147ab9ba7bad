import { inject } from 'vitest'
import { describe, expect, test } from 'vitest'
import type { GenerateLine } from '../../src/lib/contract/llm.ts'
import type { Health } from '../../src/lib/contract/health.ts'
import type { Problem } from '../../src/lib/contract/problem.ts'
import { readConfig } from '../../worker/config.ts'
import { ollamaAt } from '../../worker/ollama/client.ts'
import { apiWith, post } from '../support/workerd/client.ts'

// Homes with malformed or hostile answers: none of them may crash a route or break a stream.

const odd = inject('odd')
const api = apiWith({ OLLAMA_URL: odd })

interface Odd {
  type?: string
  body: string
  status?: number
  /** The announced length, if it is not the real one. */
  length?: number
  then?: 'end' | 'reset' | 'hangup' | 'endless' | 'bomb' | 'drip'
  headers?: string
}

async function answers(path: string, answer: Odd) {
  const {
    type = 'application/json',
    body,
    status = 200,
    length,
    then = 'end',
    headers = '',
  } = answer
  const isEndless = then !== 'end' && then !== 'reset'
  const announced = isEndless
    ? ''
    : `Content-Length: ${length ?? new TextEncoder().encode(body).length}\r\n`
  if (then === 'hangup') {
    await fetch(`${odd}/?path=${encodeURIComponent(path)}&then=reset`, { method: 'PUT' })
    return
  }
  const raw = `HTTP/1.1 ${status} Whatever\r\nContent-Type: ${type}\r\n${announced}${headers}Connection: close\r\n\r\n${body}`
  await fetch(`${odd}/?path=${encodeURIComponent(path)}&then=${then}`, { method: 'PUT', body: raw })
}

async function healthyBut(path: string, answer: Odd) {
  await answers('/api/version', { body: '{"version":"0.12.11"}' })
  await answers('/api/tags', { body: '{"models":[{"name":"llama3.2:latest","digest":"a"}]}' })
  await answers('/api/ps', { body: '{"models":[]}' })
  await answers(path, answer)
}

/** The number of requests for text. */
const timesAsked = async () => Number(await (await fetch(`${odd}/asked`)).text())
const health = async () => (await api('/api/health?fresh=1&code=200')).json<Health>()

describe('malformed lists of models', () => {
  const LISTS = [
    '{"models":[null]}',
    '{"models":[7,"x",[],{}]}',
    '{"models":[{"name":null}]}',
    '{"models":[{"name":"a","details":null,"digest":5}]}',
    '{"models":{}}',
    '{"models":"none"}',
    '[]',
    'null',
    '7',
    '',
  ] as const

  test.each(['/api/tags', '/api/ps'].flatMap((path) => LISTS.map((body) => [path, body] as const)))(
    'a home that answers %s with %j crashes no route',
    async (path, body) => {
      await healthyBut(path, { body })
      expect((await health()).status).toBeTypeOf('string')
      expect([200, 503]).toContain((await api('/api/llm/models')).status)
    },
  )
})

describe('malformed generations', () => {
  const ODD = {
    'nothing at all': { body: '' },
    'half an object': { body: '{"model":"a","respon' },
    'less than was announced': { body: '{"model":"a"', length: 500 },
    'a reset in the middle': { body: '{"model":"a"', length: 500, then: 'reset' },
    'a page that says it is JSON': { body: '<html>no</html>' },
    null: { body: 'null' },
    'a list': { body: '[]' },
    'an error with status 200': { body: '{"error":"boom"}' },
    'an error that is null, and an end': { body: '{"error":null,"response":"x","done":true}' },
    'an error that is an object': { body: '{"error":{"message":"boom"}}' },
    'two objects': { body: '{"response":"a","done":false}\n{"response":"b","done":true}' },
    'a page': { body: '<html>no</html>', type: 'text/html' },
    'a cut refusal': { body: '{"error":"b', status: 500, length: 400, then: 'reset' },
  } as const satisfies Record<string, Odd>

  test.each(Object.entries(ODD))('a stream that is %s gets a last line', async (name, answer) => {
    await healthyBut('/api/generate', answer)
    const response = await api('/api/llm/generate', post({ model: 'a', prompt: 'b', stream: true }))
    const last = (await response.text()).trim().split('\n').at(-1) ?? ''
    const { reason, done } = JSON.parse(last) as { reason?: string; done?: boolean }
    if (name === 'two objects' || name === 'an error that is null, and an end')
      expect(done).toBe(true)
    else expect(reason).toBeTypeOf('string')
    expect(response.status).not.toBe(500)
  })

  test.each(Object.entries(ODD))('a JSON answer that is %s is no 500', async (name, answer) => {
    await healthyBut('/api/generate', answer)
    const response = await api(
      '/api/llm/generate',
      post({ model: 'a', prompt: 'b', stream: false }),
    )
    const { code, reason } = await response.json<Problem>()
    if (name === 'an error that is null, and an end') expect(response.status).toBe(200)
    else expect([response.status, code, typeof reason]).toEqual([503, 'home', 'string'])
  })
})

describe('unusual but complete answers', () => {
  const LINES =
    '{"response":"a","done":false}\n{"response":"b","done":false}\n{"response":"","done":true}\n'
  type Told = Partial<GenerateLine & Pick<Problem, 'cause' | 'reason'>>
  const generated = async (answer: Odd) => {
    await healthyBut('/api/generate', answer)
    const response = await api(
      '/api/llm/generate',
      post({ model: 'llama3.2', prompt: 'b', stream: true }),
    )
    const text = (await response.text()).trim()
    const lines = text.split('\n').map((line) => JSON.parse(line) as Told)
    return { text: lines.map((line) => line.response ?? '').join(''), last: lines.at(-1) ?? {} }
  }

  test.each(['text/plain', 'application/octet-stream', 'text/html; charset=utf-8', ''])(
    'a complete answer is accepted with the content type “%s” of a proxy',
    async (type) => {
      expect(await generated({ body: LINES, type })).toMatchObject({
        text: 'ab',
        last: { done: true },
      })
    },
  )

  test('a complete answer keeps its text if its lines contain a null error', async () => {
    const body = LINES.replaceAll('"done":false', '"done":false,"error":null')
    expect(await generated({ body })).toMatchObject({ text: 'ab', last: { done: true } })
  })

  test('a complete answer may have megabytes in its last line', async () => {
    const last = JSON.stringify({
      response: '',
      done: true,
      context: Array.from({ length: 900_000 }, () => 100_000),
    })
    expect(await generated({ body: LINES.replace(/[^\n]+\n$/, `${last}\n`) })).toMatchObject({
      text: 'ab',
    })
  })

  test('a missing model is reported as missing even inside a 200', async () => {
    const { last } = await generated({ body: `{"error":"model 'llama3.2' not found"}` })
    expect(last.cause).toBe('model_missing')
  })

  test.each([
    '{"done":true}',
    '{"message":null,"done":true}',
    '{"message":{"tool_calls":[{}]},"done":true}',
  ])('a chat may end with the last line %s, without a message', async (last) => {
    const said = '{"message":{"role":"assistant","content":"ab"},"done":false}'
    await healthyBut('/api/chat', { body: `${said}\n${last}\n` })
    const asked = { model: 'llama3.2', messages: [{ role: 'user', content: 'b' }] }
    const answer = await api('/v1/chat/completions', post(asked))
    expect(await answer.json()).toMatchObject({
      choices: [{ message: { content: 'ab' }, finish_reason: 'stop' }],
    })
  })
})

test('a generation is requested at most twice if the home closes the connection at once', async () => {
  await healthyBut('/api/generate', { body: '', then: 'hangup' })
  const before = await timesAsked()
  const response = await api(
    '/api/llm/generate',
    post({ model: 'llama3.2', prompt: 'b', stream: false }),
  )
  expect(response.status).toBe(503)
  expect((await timesAsked()) - before).toBe(2)
})

describe('gateways with JSON like Ollama’s', () => {
  const SAID = [
    [500, 'dial tcp 127.0.0.1:11434: connect: connection refused'],
    [500, 'Internal Server Error'],
    [500, 'proxy worker: out of memory'],
    [504, 'timed out waiting for upstream'],
    [403, 'Request blocked by Cloudflare WAF rule 1020'],
    [405, 'This endpoint does not support POST'],
    [400, 'bad request'],
    [404, "model 'llama3.2' not found"],
    [401, 'unauthorized'],
  ] as const

  test.each(SAID)(
    'a gateway’s %i "%s" gives a run the same low-confidence reason as a check',
    async (status, error) => {
      const body = JSON.stringify({ error })
      for (const path of ['/api/version', '/api/tags', '/api/ps', '/api/generate', '/'])
        await answers(path, { status, body })
      const { cause, reason, confidence } = await health()
      const problem = await (
        await api('/api/llm/generate', post({ model: 'llama3.2', prompt: 'b', stream: false }))
      ).json()
      expect(problem).toMatchObject({ cause, reason, confidence })
      expect(confidence).toBe('low')
      await answers('/', { status: 404, body: '' })
    },
  )
})

test('a run at a home that works only sometimes is sent, and its refusal by Ollama is reported as such', async () => {
  await healthyBut('/api/version', { status: 403, body: '' })
  await answers('/api/generate', {
    status: 400,
    body: '{"error":"\\"a\\" does not support thinking"}',
  })
  expect(await health()).toMatchObject({ status: 'warn', reason: 'host_check_sometimes' })
  const response = await api('/api/llm/generate', post({ model: 'a', prompt: 'b', stream: false }))
  expect(await response.json()).toMatchObject({ reason: 'cannot_do' })
})

describe('hostile homes', () => {
  const NDJSON = 'application/x-ndjson'
  const HOSTILE = {
    'redirects elsewhere': {
      body: '',
      status: 302,
      headers: 'Location: http://169.254.169.254/latest\r\n',
    },
    'redirects elsewhere and keeps the method': {
      body: '',
      status: 307,
      headers: `Location: ${odd}/api/tags\r\n`,
    },
    'answers with a page': { body: '<script>alert(1)</script>', type: 'text/html' },
    'sends one endless line': { body: '{"model":"', type: NDJSON, then: 'endless' },
    'sends a decompression bomb': {
      body: '',
      type: NDJSON,
      then: 'bomb',
      headers: 'Content-Encoding: gzip\r\n',
    },
    'breaks the connection in the middle': {
      body: '{"message":{"role":"assistant","content":"a"},"done":false}\n{"mess',
      type: NDJSON,
      then: 'reset',
    },
  } as const satisfies Record<string, Odd>
  const CALLS = {
    'POST /v1/chat/completions': [
      '/api/chat',
      { model: 'a', messages: [{ role: 'user', content: 'b' }] },
    ],
    'POST /v1/embeddings': ['/api/embed', { model: 'a', input: 'b' }],
    'POST /api/llm/generate': ['/api/generate', { model: 'a', prompt: 'b', stream: false }],
  } as const
  const open = async () => Number(await (await fetch(`${odd}/open`)).text())

  const cases = Object.entries(HOSTILE).flatMap(([name, answer]) =>
    Object.entries(CALLS).map(([call, [path, body]]) => [name, call, path, body, answer] as const),
  )
  test.each(cases)(
    'a home that %s gives %s a clean error, and the connection to it is closed',
    async (_name, call, path, body, answer) => {
      await healthyBut(path, answer)
      const response = await api(call.split(' ')[1] ?? '', post(body))
      const text = await response.text()
      expect(response.status, text).toBe(503)
      expect(text).not.toMatch(/<script|169\.254|at \w+ \(/)
      await expect.poll(open).toBe(0)
    },
  )

  test('a home that sends single bytes is reported as stalled and disconnected', async () => {
    await healthyBut('/api/chat', { body: '{', type: NDJSON, then: 'drip' })
    const config = readConfig({ OLLAMA_URL: odd })
    const ollama = ollamaAt(config, { firstMs: 1000, idleMs: 400 }, new AbortController().signal)
    const reading = (async () => {
      for await (const _ of await ollama.chat({ model: 'a', messages: [], stream: true })) continue
    })()
    await expect(reading).rejects.toMatchObject({ reason: 'stalled' })
    await expect.poll(open).toBe(0)
  })
})
