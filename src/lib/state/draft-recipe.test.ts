import { describe, expect, test } from 'vitest'
import type { Recipe } from '../contract/recipe.ts'
import { draftOf, extraWords, recipeOf } from './draft-recipe.ts'

const RECIPES: Recipe[] = [
  { model: 'm', prompt: 'Hi' },
  {
    model: 'm',
    prompt: 'Hi',
    system: 'Be brief',
    options: { seed: 7, temperature: 0.2, stop: ['a', 'b'], use_mmap: false },
  },
  { model: 'm', prompt: 'Hi', options: { stop: [',', '\n', ' a'], seed: 1 } },
  { model: 'm', prompt: 'Hi', images: ['AAAA'], raw: true, think: 'high', format: { type: 'object' }, keepAlive: -1 },
  { model: 'm', messages: [{ role: 'user', content: 'Hi' }] },
  {
    model: 'm',
    tools: [{ type: 'function', function: { name: 'weather' } }],
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Ho', thinking: 'Hm' },
      { role: 'user', content: 'And?', images: ['AAAA'] },
    ],
  },
]

describe('a recipe as a draft', () => {
  test.each(RECIPES)('%j comes back as it was', (recipe) => {
    expect(recipeOf(draftOf(recipe))).toEqual(recipe)
  })

  test('shows the last question as the prompt', () => {
    expect(draftOf(RECIPES[5] ?? { model: '' }).prompt).toBe('And?')
  })

  test('an option that cannot be read is not sent', () => {
    const draft = { model: 'm', prompt: 'Hi', system: ' ', options: { num_ctx: 'big', seed: '7' } }
    expect(recipeOf(draft)).toEqual({ model: 'm', prompt: 'Hi', options: { seed: 7 } })
  })

  test('says in words what the fields do not show', () => {
    const { extra = {} } = draftOf({ ...RECIPES[5], model: 'm', think: 'high', options: { stop: ['\n'] } } as Recipe)
    expect(extraWords(extra)).toEqual(['2 earlier messages', '1 image', 'stop', 'tools', 'think high'])
  })
})
