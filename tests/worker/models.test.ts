import { beforeEach, describe, expect, test } from 'vitest'
import type { ModelAdministration, PullLine } from '../../src/lib/contract/models.ts'
import type { Problem } from '../../src/lib/contract/problem.ts'
import { apiWith, asked, homeUrl, post, reset, withHeaders } from '../support/workerd/client.ts'

const api = apiWith({ OLLAMA_URL: homeUrl, ALLOW_MODEL_ADMIN: '1' })

beforeEach(reset)

const names = async () =>
  (await (await api('/api/models')).json<ModelAdministration>()).models.map(({ name }) => name)
const changes = async () =>
  (await asked()).filter(({ path }) =>
    ['/api/pull', '/api/copy', '/api/delete'].includes(path.split('?')[0] ?? ''),
  )
const pull = async (model: string) => {
  const response = await api('/api/models/pull', post({ model }))
  expect(response.status).toBe(200)
  return (await response.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PullLine)
}

describe('model administration', () => {
  test('a pull reports its progress', async () => {
    const lines = await pull('phi4-mini:3.8b')
    expect(lines.at(-1)).toEqual({ done: true })
    const bytes = lines.flatMap(({ completed }) => completed ?? [])
    expect(bytes).toEqual([...bytes].sort((a, b) => a - b))
    expect(bytes.length).toBeGreaterThan(3)
    expect(await names()).toContain('phi4-mini:3.8b')
    expect((await changes()).map(({ body }) => JSON.parse(body) as object)).toEqual([
      { name: 'phi4-mini:3.8b', stream: true },
    ])
  })

  test.each([
    ['absent', 'no_such_model'],
    ['huge:70b', 'no_space'],
    ['offline', 'no_network'],
  ])('a failed pull names its reason: %s', async (model, code) => {
    const { error } = (await pull(model)).at(-1) ?? {}
    expect(error?.code).toBe(code)
    expect(error?.text.length).toBeGreaterThan(30)
  })

  test('a client that disconnects ends its pull', async () => {
    const response = await api('/api/models/pull', post({ model: 'qwen3:4b' }))
    await response.body?.cancel()
    await expect.poll(async () => (await changes())[0]?.endedBy).toBe('client_left')
    expect(await names()).not.toContain('qwen3:4b')
  })

  test('a model can be copied and deleted', async () => {
    expect(
      (await api('/api/models/copy', post({ source: 'llama3.2', destination: 'mine:1' }))).status,
    ).toBe(204)
    expect(await names()).toContain('mine:1')
    expect((await api('/api/models/mine:1', { method: 'DELETE' })).status).toBe(204)
    expect(await names()).not.toContain('mine:1')
  })

  test('copying or deleting an unknown model is a 404', async () => {
    const response = await api('/api/models/nothing', { method: 'DELETE' })
    expect([response.status, (await response.json<Problem>()).cause]).toEqual([
      404,
      'model_missing',
    ])
  })

  test.each([
    'hf.co/someone/model',
    'http://evil.example/a/b',
    'registry.example:5000/a/b',
    '../etc',
    'a b',
    '',
    '/a',
  ])('a pull rejects a name with another registry: %s', async (model) => {
    expect((await api('/api/models/pull', post({ model }))).status).toBe(422)
    expect(
      (await api('/api/models/copy', post({ source: 'llama3.2', destination: model }))).status,
    ).toBe(422)
    expect(await changes()).toEqual([])
  })
})

describe('refused model administration', () => {
  const TRIES: [string, RequestInit][] = [
    ['/api/models/pull', post({ model: 'qwen3:4b' })],
    ['/api/models/copy', post({ source: 'llama3.2', destination: 'mine' })],
    ['/api/models/llama3.2', { method: 'DELETE' }],
  ]

  test.each(TRIES)(
    'model administration is refused while it is switched off: %s',
    async (path, init) => {
      const closed = apiWith({ OLLAMA_URL: homeUrl })
      const response = await closed(path, init)
      expect([response.status, (await response.json<Problem>()).detail]).toEqual([
        403,
        expect.stringContaining('ALLOW_MODEL_ADMIN'),
      ])
      expect(await changes()).toEqual([])
      expect((await (await closed('/api/models')).json<ModelAdministration>()).refusal).toBe(
        'switched_off',
      )
    },
  )

  test.each(TRIES)('a stranger may not change models: %s', async (path, init) => {
    expect((await api(path, withHeaders(init, { Via: 'x' }))).status).toBe(401)
    expect(await changes()).toEqual([])
  })
})
