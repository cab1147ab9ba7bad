import fc from 'fast-check'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import { EDITABLE, GuestRequest, type Pass } from '../../src/lib/contract/shares.ts'
import { guestRecipe } from './guest-recipe.ts'
import { HttpProblem } from '../http/problem.ts'

const shared: Recipe = {
  model: 'llama3.2',
  messages: [
    { role: 'system', content: 'Be short.' },
    { role: 'user', content: 'Hi' },
  ],
  keepAlive: -1,
  raw: false,
  logprobs: true,
  topLogprobs: 5,
  tools: [{ type: 'function', function: { name: 'f' } }],
  options: { num_gpu: 99, num_ctx: 100_000, num_thread: 64, num_predict: -1, seed: 7 },
}
const pass: Pass = {
  runs: 3,
  models: [],
  maxTokens: 256,
  contextLength: 4096,
  editable: ['prompt'],
}

const KEYS = new Set([
  'model',
  'prompt',
  'messages',
  'system',
  'options',
  'format',
  'think',
  'images',
])
const RUNNER = /num_gpu|num_ctx|num_batch|num_thread|main_gpu|use_mmap/

const anyRequest = fc.oneof(
  fc.jsonValue(),
  fc.record(
    {
      ...Object.fromEntries(EDITABLE.map((name) => [name, fc.jsonValue()])),
      prompt: fc.string(),
      model: fc.constantFrom('llama3.2:latest', 'mistral', 'x:cloud'),
      keep_alive: fc.jsonValue(),
      options: fc.jsonValue(),
      _debug_render_only: fc.boolean(),
    },
    { requiredKeys: [] },
  ),
)

test('a guest’s recipe contains only listed fields within their limits', () => {
  let passed = 0
  fc.assert(
    fc.property(anyRequest, fc.subarray([...EDITABLE]), (body, editable) => {
      const read = v.safeParse(GuestRequest, body)
      if (!read.success) return
      try {
        const recipe = guestRecipe(shared, { ...pass, editable }, read.output)
        passed++
        expect(Object.keys(recipe).filter((key) => !KEYS.has(key))).toEqual([])
        expect(JSON.stringify(recipe.options)).not.toMatch(RUNNER)
        expect(recipe.options?.num_predict).toBe(pass.maxTokens)
        expect(recipe.model).toBe(shared.model)
      } catch (error) {
        if (!(error instanceof HttpProblem)) throw error
      }
    }),
    { numRuns: 2000 },
  )
  expect(passed).toBeGreaterThan(10)
})

test('a guest’s prompt replaces the last user message and keeps the rest', () => {
  const { messages } = guestRecipe(shared, pass, { run: 0, prompt: 'Bye' })
  expect(messages?.map(({ content }) => content)).toEqual(['Be short.', 'Bye'])
})

test('a pass recognizes a model by its full name, with or without :latest', () => {
  expect(guestRecipe(shared, pass, { run: 0, model: 'llama3.2:latest' }).model).toBe('llama3.2')
  expect(() => guestRecipe(shared, pass, { run: 0, model: 'llama3.2:1b' })).toThrow(HttpProblem)
})

test.each([
  [4096, 16_000, true],
  [4096, 17_000, false],
  [32_768, 17_000, true],
])(
  'a pass with %i tokens of context allows a guest %i characters',
  (contextLength, characters, isAllowed) => {
    const send = () =>
      guestRecipe(shared, { ...pass, contextLength }, { run: 0, prompt: 'x'.repeat(characters) })
    if (isAllowed) expect(send().model).toBe(shared.model)
    else expect(send).toThrow('is too long')
  },
)
