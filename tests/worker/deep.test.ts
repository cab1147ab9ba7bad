import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Health, HealthLine } from '../../src/lib/contract/health.ts'
import { apiWith, asked, homeUrl, reset, setFault } from '../support/workerd/client.ts'

const api = apiWith({ OLLAMA_URL: homeUrl, OLLAMA_MODELS: 'llama3.2' })
const cold = apiWith({ OLLAMA_URL: homeUrl, OLLAMA_MODELS: 'mistral' })

beforeEach(reset)
afterEach(reset)

const deep = async (ask: typeof api, query = '') =>
  (await ask(`/api/health?deep=1&code=200${query}`)).json<Health>()
const generations = async () => (await asked()).filter(({ path }) => path === '/api/generate')
const loaded = async () =>
  (
    await (
      await fetch(`${homeUrl}/api/ps`)
    ).json<{ models: { name: string; expires_at: string; context_length?: number }[] }>()
  ).models

describe('deep checks', () => {
  test('a deep check generates one token with a loaded model and climbs one more rung', async () => {
    const { status, ladder } = await deep(api)
    expect(status).toBe('pass')
    expect(ladder.map(({ rung }) => rung).at(-1)).toBe('generate')
    expect(ladder.at(-1)?.result).toBe('pass')
    expect(await generations()).toHaveLength(1)
  })

  test('a deep check does not keep a model loaded for longer', async () => {
    const [before] = await loaded()
    await deep(api)
    const [after] = await loaded()
    expect(Date.parse(after?.expires_at ?? '')).toBeLessThanOrEqual(
      Date.parse(before?.expires_at ?? '') + 1000,
    )
  })

  test('a deep check does not load a model unless the caller requests it', async () => {
    const before = (await loaded()).map(({ name }) => name)
    const { cause, ladder } = await deep(cold)
    expect(cause).toBe('ok')
    expect(ladder.at(-1)).toMatchObject({ rung: 'generate', result: 'unknown' })
    expect(await generations()).toEqual([])
    expect((await loaded()).map(({ name }) => name)).toEqual(before)
  })

  test('a deep check loads a model if the caller requests it', async () => {
    const { ladder } = await deep(cold, '&load=1')
    expect(ladder.at(-1)).toMatchObject({ rung: 'generate', result: 'pass' })
    expect((await loaded()).map(({ name }) => name)).toContain('mistral:latest')
  })

  test(
    'a deep check distinguishes a model that never finishes loading from one that hangs',
    { timeout: 30_000 },
    async () => {
      await setFault('generation_hangs')
      expect((await deep(cold, '&load=1')).reason).toBe('loads_too_long')
    },
  )

  test('an ordinary check has no rung for a generation', async () => {
    const { ladder } = await (await api('/api/health?fresh=1')).json<Health>()
    expect(ladder.map(({ rung }) => rung)).not.toContain('generate')
  })
})

describe('streamed checks', () => {
  test('a streamed check sends each rung as it is climbed, and the verdict last', async () => {
    const response = await api('/api/health?fresh=1', {
      headers: { Accept: 'application/x-ndjson' },
    })
    const lines = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as HealthLine)
    const lit = lines.flatMap((line) => ('findings' in line ? [line.findings.length] : []))
    expect(lit.length).toBeGreaterThan(1)
    expect(lit).toEqual([...lit].sort((a, b) => a - b))
    const last = lines.at(-1)
    expect(last && 'verdict' in last && last.verdict.status).toBe('pass')
  })
})
