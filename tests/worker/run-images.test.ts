import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ModelList } from '../../src/lib/contract/llm.ts'
import type { Problem } from '../../src/lib/contract/problem.ts'
import type { RunList } from '../../src/lib/contract/runs.ts'
import { post, reset, worker } from '../support/workerd/home.ts'
import { asksForText, detail, MODEL, start, stopAll, watch } from '../support/workerd/runs.ts'

beforeEach(reset)
afterEach(async () => {
  await stopAll()
  await reset()
})

const image = (letter: string, length: number) => letter.repeat(length)

describe('a run with images', () => {
  test('keeps them whole, also those that no row of the database could hold, and sends them to the home', async () => {
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

  test('with a prompt, too; and a search does not look into them', async () => {
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
  ])('is refused with %s', async (_what, recipe) => {
    const response = await worker('/api/runs', post({ model: MODEL, ...recipe }))
    expect(response.status).toBe(413)
    expect(await response.json<Problem>()).toMatchObject({ code: 'too_large' })
    expect(await asksForText()).toEqual([])
  })
})

test('the models say how they can be told to think, and what context they were made for', async () => {
  const { models } = await (await worker('/api/llm/models')).json<ModelList>()
  expect(models[0]).toMatchObject({ thinking: null, contextLength: 131_072 })
})
