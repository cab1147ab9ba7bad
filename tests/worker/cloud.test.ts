import { beforeEach, describe, expect, inject, test } from 'vitest'
import type { Health } from '../../src/lib/contract/health.ts'
import type { ModelList } from '../../src/lib/contract/llm.ts'
import { apiWith, asked, homeUrl, post, reset, worker } from '../support/workerd/client.ts'

// Cloud models cost the account that is signed in at the home.

const STUB = {
  size: 346,
  digest: 'stub',
  family: 'gptoss',
  parameterSize: '',
  quantization: '',
  capabilities: ['completion'],
  contextLength: 9,
  loadMs: 1,
  remote: { model: 'gpt-oss:120b', host: 'https://ollama.com:443' },
}
const BY_NAME = 'gpt-oss:120b-cloud'
/** Ollama can copy a cloud model's stub to any name. */
const BY_LIST = 'mine:latest'

const api = apiWith({ OLLAMA_URL: homeUrl })
const allowing = apiWith({ OLLAMA_URL: homeUrl, ALLOW_CLOUD_MODELS: '1' })

beforeEach(async () => {
  await reset()
  const { control } = inject('home')
  const models = await (await fetch(`${control}/models`)).json<{ name: string }[]>()
  const body = JSON.stringify([...models, { ...STUB, name: BY_NAME }, { ...STUB, name: BY_LIST }])
  await fetch(`${control}/models`, { method: 'PUT', body })
  // Lists are cached for a minute; this one is new.
  await api('/api/llm/models')
  await worker('/api/llm/models')
})

const generations = async () =>
  (await asked()).filter(({ path }) => ['/api/generate', '/api/chat', '/api/embed'].includes(path))

test('cloud models are listed and marked', async () => {
  const { models } = await (await api('/api/llm/models')).json<ModelList>()
  expect(models.flatMap(({ name, cloud }) => (cloud ? name : []))).toEqual([BY_NAME, BY_LIST])
})

const asks = (model: string): [string, RequestInit][] => [
  ['/api/runs', post({ model, prompt: 'Hi' })],
  ['/api/llm/generate', post({ model, prompt: 'Hi' })],
  ['/v1/chat/completions', post({ model, messages: [{ role: 'user', content: 'Hi' }] })],
  ['/api/warm', post({ model })],
  ['/v1/embeddings', post({ model, input: 'Hi' })],
]

describe.each([BY_NAME, BY_LIST, 'gpt-oss:120b:cloud'])('%s', (model) => {
  test.each(asks(model))('a cloud model is refused by %s', async (path, init) => {
    const response = await worker(path, init)
    expect([response.status, await response.text()]).toEqual([
      403,
      expect.stringContaining('ALLOW_CLOUD_MODELS'),
    ])
    expect(await generations()).toEqual([])
  })

  test('a deep check does not try a cloud model', async () => {
    const path = `/api/health?deep=1&load=1&code=200&model=${encodeURIComponent(model)}`
    const { ladder } = await (await api(path)).json<Health>()
    expect(ladder.at(-1)).toMatchObject({ rung: 'generate', result: 'unknown' })
    expect(await generations()).toEqual([])
  })
})

test('cloud models are allowed with ALLOW_CLOUD_MODELS=1', async () => {
  await allowing('/api/llm/generate', post({ model: BY_NAME, prompt: 'Hi' }))
  expect(await generations()).toHaveLength(1)
})
