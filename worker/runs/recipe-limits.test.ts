import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { Recipe } from '../../src/lib/contract/recipe.ts'
import { LIMITS, recipeFor } from './recipe-limits.ts'

const recipe = (more: object) => v.parse(Recipe, { model: 'a', prompt: 'b', ...more })
const refusal = (lane: 'token' | 'guest', more: object) => {
  try {
    recipeFor(
      lane,
      v.parse(Recipe, { model: 'a', ...('messages' in more ? {} : { prompt: 'b' }), ...more }),
    )
  } catch (error) {
    return (error as { problem: { errors: { path: string }[] } }).problem.errors.map(
      ({ path }) => path,
    )
  }
  return []
}

describe('limits of each lane', () => {
  test('the owner’s recipe is not limited', () => {
    const own = recipe({ keepAlive: -1, raw: true, options: { num_ctx: 99, num_predict: -1 } })
    expect(recipeFor('owner', own)).toBe(own)
  })

  test.each(['token', 'guest'] as const)(
    'a %s cannot decide how a model is loaded or for how long',
    (lane) => {
      const options = {
        num_ctx: 9,
        num_gpu: 0,
        main_gpu: 1,
        num_batch: 1,
        num_thread: 1,
        use_mmap: true,
        top_k: 3,
      }
      expect(recipeFor(lane, recipe({ keepAlive: 0, raw: true, options }))).toEqual({
        model: 'a',
        prompt: 'b',
        options: { top_k: 3, num_predict: LIMITS[lane].tokens },
      })
    },
  )

  test.each([
    [undefined, 512],
    [0, 512],
    [-1, 512],
    [7, 7],
    [513, 512],
  ])('a guest who requests %s tokens gets %s', (asked, given) => {
    const options = asked === undefined ? {} : { num_predict: asked }
    expect(recipeFor('guest', recipe({ options })).options).toEqual({ num_predict: given })
  })

  test('a pass narrows a guest’s limits', () => {
    const limits = { ...LIMITS.guest, tokens: 5 }
    expect(recipeFor('guest', recipe({}), limits).options).toEqual({ num_predict: 5 })
  })

  const deep = (levels: number): object => (levels === 0 ? {} : { items: deep(levels - 1) })
  const tool = { type: 'function', function: { name: 'a' } }
  test.each([
    ['messages', { messages: Array.from({ length: 21 }, () => ({ role: 'user', content: 'a' })) }],
    ['images', { images: ['AAAA'] }],
    ['images', { messages: [{ role: 'user', content: 'a', images: ['AAAA'] }] }],
    ['tools', { messages: [{ role: 'user' }], tools: [tool] }],
    ['logprobs', { logprobs: true }],
    ['format', { format: deep(9) }],
    ['prompt', { prompt: 'a'.repeat(16_001) }],
    ['prompt', { system: 'a'.repeat(16_001) }],
    ['prompt', { format: { properties: { images: { title: 'a'.repeat(16_001) } } } }],
  ])('a recipe above a limit is refused with its path: %s', (path, more) => {
    expect(refusal('guest', more)).toContain(path)
  })

  test('only the owner’s recipes may contain options outside of the list', () => {
    const options = fc.record(
      {
        num_predict: fc.integer(),
        num_ctx: fc.integer(),
        num_gpu: fc.integer(),
        seed: fc.integer(),
      },
      { requiredKeys: [] },
    )
    const lanes = fc.constantFrom('token' as const, 'guest' as const)
    const keepAlive = fc.option(
      fc.oneof(fc.integer(), fc.constantFrom('5m', '-1s', '1h30m', '0')),
      { nil: undefined },
    )
    fc.assert(
      fc.property(lanes, options, keepAlive, fc.boolean(), (lane, asked, kept, raw) => {
        const given = recipeFor(lane, recipe({ options: asked, keepAlive: kept, raw }))
        expect(
          Object.keys(given).filter((key) => !['model', 'prompt', 'options'].includes(key)),
        ).toEqual([])
        expect(
          Object.keys(given.options ?? {}).filter((key) => !['seed', 'num_predict'].includes(key)),
        ).toEqual([])
        expect(given.options?.num_predict).toBeGreaterThan(0)
        expect(given.options?.num_predict).toBeLessThanOrEqual(LIMITS[lane].tokens)
      }),
    )
  })
})
