import { describe, expect, test } from 'vitest'
import type { Recipe } from '../contract/recipe.ts'
import { alsoSent, draftOf, extraWords, optionValues, withExtra } from './draft-recipe.ts'
import { recipeOf } from './draft-validation.ts'

const RECIPES: Recipe[] = [
  { model: 'm', prompt: 'Hi' },
  {
    model: 'm',
    prompt: 'Hi',
    system: 'Be brief',
    options: { seed: 7, temperature: 0.2, stop: ['a', 'b'], use_mmap: false },
  },
  { model: 'm', prompt: 'Hi', options: { stop: [',', '\n', ' a'], seed: 1 } },
  {
    model: 'm',
    prompt: 'Hi',
    images: ['AAAA'],
    raw: true,
    think: 'high',
    format: { type: 'object' },
    keepAlive: -1,
  },
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

/** Of a model that is not known everything is sent. */
function back(recipe: Recipe): Recipe {
  const fields = draftOf(recipe)
  return withExtra(
    recipeOf({ ...fields, options: optionValues(fields.options) }, undefined),
    fields.extra,
  )
}

describe('a recipe as a draft', () => {
  test.each(RECIPES)('%j comes back as it was', (recipe) => {
    expect(back(recipe)).toEqual(recipe)
  })

  test('a conversation of one question comes back as a prompt', () => {
    expect(back({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] })).toEqual({
      model: 'm',
      prompt: 'Hi',
    })
  })

  test('shows the last question as the prompt', () => {
    expect(draftOf(RECIPES.at(-1) ?? { model: '' }).prompt).toBe('And?')
  })

  test('an option that cannot be read is not sent', () => {
    expect(optionValues({ num_ctx: 'big', seed: '7' })).toEqual({ seed: 7 })
  })

  test('says in words what the fields do not show, and what went with the words', () => {
    const recipe = {
      ...RECIPES.at(-1),
      model: 'm',
      think: 'high',
      raw: true,
      options: { stop: ['\n'] },
    } as Recipe
    expect(extraWords(draftOf(recipe).extra)).toEqual(['stop', 'raw true'])
    expect(alsoSent(recipe)).toEqual(['1 image', '1 tool', 'think high', 'raw true'])
  })
})
