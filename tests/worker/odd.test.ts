import { inject } from 'vitest'
import { describe, expect, test } from 'vitest'
import type { Health } from '../../src/lib/contract/health.ts'
import type { Problem } from '../../src/lib/contract/problem.ts'
import { apiWith, post } from './home.ts'

// Homes that answer in ways that no program should: nothing of it may crash a route or tear a stream.

const odd = inject('odd')
const api = apiWith({ OLLAMA_URL: odd })

interface Odd {
  type?: string
  body: string
  status?: number
  /** The length that is announced, when it is not the true one. */
  length?: number
  then?: 'end' | 'reset'
}

async function answers(path: string, { type = 'application/json', body, status = 200, length, then = 'end' }: Odd) {
  const announced = length ?? new TextEncoder().encode(body).length
  const raw = `HTTP/1.1 ${status} Whatever\r\nContent-Type: ${type}\r\nContent-Length: ${announced}\r\nConnection: close\r\n\r\n${body}`
  await fetch(`${odd}/?path=${encodeURIComponent(path)}&then=${then}`, { method: 'PUT', body: raw })
}

async function healthyBut(path: string, answer: Odd) {
  await answers('/api/version', { body: '{"version":"0.12.11"}' })
  await answers('/api/tags', { body: '{"models":[{"name":"llama3.2:latest","digest":"a"}]}' })
  await answers('/api/ps', { body: '{"models":[]}' })
  await answers(path, answer)
}

const health = async () => (await api('/api/health?fresh=1&code=200')).json<Health>()

describe('a list of models that is none', () => {
  const LISTS = ['{"models":[null]}', '{"models":[7,"x",[],{}]}', '{"models":[{"name":null}]}', '{"models":[{"name":"a","details":null,"digest":5}]}', '{"models":{}}', '{"models":"none"}', '[]', 'null', '7', ''] as const // prettier-ignore

  test.each(['/api/tags', '/api/ps'].flatMap((path) => LISTS.map((body) => [path, body] as const)))(
    '%s %s crashes nothing',
    async (path, body) => {
      await healthyBut(path, { body })
      expect((await health()).status).toBeTypeOf('string')
      expect([200, 503]).toContain((await api('/api/llm/models')).status)
    },
  )
})

describe('a generation that is none', () => {
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

  test.each(Object.entries(ODD))('as a stream: %s ends with a reason', async (name, answer) => {
    await healthyBut('/api/generate', answer)
    const response = await api('/api/llm/generate', post({ model: 'a', prompt: 'b', stream: true }))
    const last = (await response.text()).trim().split('\n').at(-1) ?? ''
    const { reason, done } = JSON.parse(last) as { reason?: string; done?: boolean }
    if (name === 'two objects') expect(done).toBe(true)
    else expect(reason).toBeTypeOf('string')
    expect(response.status).not.toBe(500)
  })

  test.each(Object.entries(ODD))('as one object: %s is told, never a 500', async (name, answer) => {
    await healthyBut('/api/generate', answer)
    const response = await api('/api/llm/generate', post({ model: 'a', prompt: 'b', stream: false }))
    const { code, reason } = await response.json<Problem>()
    if (name === 'an error that is null, and an end') expect(response.status).toBe(200)
    else expect([response.status, code, typeof reason]).toEqual([503, 'home', 'string'])
  })
})
