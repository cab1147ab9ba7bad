import { describe, expect, test } from 'vitest'
import type { Recipe } from '../contract/recipe.ts'
import { alsoSent, extraWords, fieldsOf, optionValues, recipeOf } from './draft-recipe.ts'

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

/** While the abilities of the model are unknown, every field is sent. */
const roundTrip = (recipe: Recipe) => recipeOf(fieldsOf(recipe), undefined)

describe('fields of a recipe', () => {
  test.each(RECIPES)('a recipe survives the fields of the bench unchanged: %j', (recipe) => {
    expect(roundTrip(recipe)).toEqual(recipe)
  })

  test('a conversation of one question becomes a prompt on the bench', () => {
    expect(roundTrip({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] })).toEqual({
      model: 'm',
      prompt: 'Hi',
    })
  })

  test('the last question of a conversation becomes the prompt on the bench', () => {
    expect(fieldsOf(RECIPES.at(-1) ?? { model: '' }).prompt).toBe('And?')
  })

  test('a recipe omits an invalid option', () => {
    expect(optionValues({ num_ctx: 'big', seed: '7' })).toEqual({ seed: 7 })
  })

  test('attachments and parts of a recipe that have no field are described in words', () => {
    const recipe = {
      ...RECIPES.at(-1),
      model: 'm',
      think: 'high',
      raw: true,
      options: { stop: ['\n'] },
    } as Recipe
    expect(extraWords(fieldsOf(recipe).extra)).toEqual(['stop', 'raw true'])
    expect(alsoSent(recipe)).toEqual(['1 image', '1 tool', 'think high', 'raw true'])
  })
})
