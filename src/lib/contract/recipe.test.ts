import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { ollamaRequest } from './ollama-request.ts'
import { Recipe } from './recipe.ts'

const read = (fields: object) => v.parse(Recipe, { model: 'a', ...fields })
const wrongPaths = (fields: object) =>
  v.safeParse(Recipe, { model: 'a', ...fields }).issues?.map((issue) => v.getDotPath(issue)) ?? []
const tools = [{ type: 'function', function: { name: 'now' } }]

describe('recipes', () => {
  test('a recipe may use Ollama’s own field names', () => {
    const message = { role: 'tool', content: '7', tool_name: 'now', tool_call_id: 'call_1' }
    const recipe = read({ messages: [message], keep_alive: '1h30m', top_logprobs: 2 })
    expect(recipe).toMatchObject({ keepAlive: '1h30m', topLogprobs: 2 })
    expect(ollamaRequest(recipe).body).toMatchObject({
      messages: [message],
      keep_alive: '1h30m',
      top_logprobs: 2,
    })
  })

  test('a prompt with tools becomes a conversation, because Ollama supports tools only in conversations', () => {
    const recipe = read({
      prompt: 'What time is it?',
      images: ['aGk='],
      system: 'Be brief.',
      tools,
    })
    expect(ollamaRequest(recipe)).toEqual({
      path: '/api/chat',
      body: {
        model: 'a',
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'What time is it?', images: ['aGk='] },
        ],
        tools,
      },
    })
  })

  test.each([5, 0, -1, '5m', '1.5h', '-1s', '0'])(
    'a recipe may have a keepAlive of %s',
    (keepAlive) => {
      expect(read({ prompt: 'a', keepAlive }).keepAlive).toBe(keepAlive)
    },
  )

  test.each(['5', 'soon', '5 m', ''])(
    'a recipe with a keepAlive of “%s” is rejected, because Ollama would reject it',
    (keepAlive) => {
      expect(wrongPaths({ prompt: 'a', keepAlive })).toEqual(['keepAlive'])
    },
  )

  test('a recipe needs either a prompt or messages', () => {
    expect(wrongPaths({})).toEqual(['prompt'])
    expect(wrongPaths({ prompt: 'a', messages: [{ role: 'user', content: 'b' }] })).toEqual([
      'prompt',
    ])
    expect(wrongPaths({ prompt: 'a', raw: true, tools })).toEqual(['raw'])
  })
})
