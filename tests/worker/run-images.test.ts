import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ModelList } from '../../src/lib/contract/llm.ts'
import type { Problem } from '../../src/lib/contract/problem.ts'
import type { RunList } from '../../src/lib/contract/runs.ts'
import { post, reset, worker } from '../support/workerd/client.ts'
import { asksForText, detail, MODEL, start, stopAll, watch } from '../support/workerd/runs.ts'

beforeEach(reset)
afterEach(async () => {
  await stopAll()
  await reset()
})

const image = (letter: string, length: number) => letter.repeat(length)

describe('runs with images', () => {
  test('images are stored and sent to the home unchanged, even if they are larger than a database row', async () => {
    const [large, small] = [image('A', 3_000_000), image('B', 8)]
    const recipe = {
      messages: [{ role: 'user', content: 'What is this?', images: [large, small] }],
    }
    const { id } = await start(recipe)
    await (await watch(id)).text()
    expect((await detail(id)).recipe).toEqual({ model: MODEL, ...recipe })
    const [request] = await asksForText()
    expect(request?.body.length).toBe(64 * 1024)
    expect(request?.body).toContain('"images":["AAAA')
  })

  test('images with a prompt are stored, and a search ignores their data', async () => {
    const { id } = await start({ prompt: 'Look', images: [image('C', 8)] })
    await (await watch(id)).text()
    expect((await detail(id)).recipe.images).toEqual([image('C', 8)])
    const { runs } = await (await worker(`/api/runs?q=${image('C', 8)}`)).json<RunList>()
    expect(runs).toEqual([])
    expect((await worker(`/api/runs/${id}`, { method: 'DELETE' })).status).toBe(204)
  })

  test.each([
    [
      'more than a megabyte of text beside an image',
      { prompt: 'a'.repeat(1_000_001), images: [image('A', 8)] },
    ],
    ['more than eight megabytes in all', { prompt: 'a', images: [image('A', 8_000_000)] }],
  ])('a run is refused with %s', async (_what, recipe) => {
    const response = await worker('/api/runs', post({ model: MODEL, ...recipe }))
    expect(response.status).toBe(413)
    expect(await response.json<Problem>()).toMatchObject({ code: 'too_large' })
    expect(await asksForText()).toEqual([])
  })
})

test('models list their thinking levels and the context length they were trained for', async () => {
  const { models } = await (await worker('/api/llm/models')).json<ModelList>()
  expect(models[0]).toMatchObject({ thinking: null, contextLength: 131_072 })
})
