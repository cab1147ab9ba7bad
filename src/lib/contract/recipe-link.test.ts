import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Recipe } from './recipe.ts'
import { readLink, writeLink } from './recipe-link.ts'

const linkOf = (content: string | Buffer, version = '1') =>
  `r=${version}.${deflateRawSync(content).toString('base64url')}`

const text = fc.string({ unit: 'grapheme' })
const filled = text.filter((one) => one.trim() !== '')
const recipes = fc.record(
  {
    model: filled.map((name) => name.trim()).filter((name) => name.length < 400),
    prompt: filled,
    system: text,
    options: fc.record(
      {
        seed: fc.integer(),
        temperature: fc.double({ noNaN: true, noDefaultInfinity: true }),
        stop: fc.array(text, { maxLength: 4 }),
      },
      { requiredKeys: [] },
    ),
    // The names by which objects are poisoned are left out of whatever is read.
    format: fc.dictionary(
      text.filter((name) => !['__proto__', 'prototype', 'constructor'].includes(name)),
      fc.jsonValue({ maxDepth: 4 }),
    ),
    think: fc.constantFrom(true, false, 'low', 'medium', 'high', 'max'),
    images: fc.array(fc.base64String({ minLength: 4 })),
    keepAlive: fc.oneof(fc.integer(), fc.constant('5m')),
    strict: fc.boolean(),
  },
  { requiredKeys: ['model', 'prompt'] },
) as fc.Arbitrary<Recipe>

/** As JSON tells it: there is no minus zero. */
const plain = (recipe: Recipe) => JSON.parse(JSON.stringify(recipe)) as Recipe

describe('the link of a recipe', () => {
  test('opens as exactly the recipe that it was made of', async () => {
    await fc.assert(
      fc.asyncProperty(recipes, async (recipe) => {
        const link = await writeLink(recipe)
        expect(link).toMatch(/^r=1\.[\w-]+$/)
        expect(await readLink(link)).toEqual({ recipe: plain(recipe) })
      }),
    )
  })

  test('with messages, tools and a schema opens as it was', async () => {
    const recipe: Recipe = {
      model: 'qwen3:8b',
      messages: [
        { role: 'user', content: 'Is it raining?', images: ['AAAA'] },
        {
          role: 'assistant',
          content: '',
          toolCalls: [{ function: { name: 'weather', arguments: { town: 'Ghent' } } }],
        },
        { role: 'tool', content: 'yes', toolName: 'weather' },
      ],
      tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }],
      logprobs: true,
      topLogprobs: 3,
    }
    expect(await readLink(await writeLink(recipe))).toEqual({ recipe })
  })

  test.each(['', 'prompt', 'R=1.abc', 'run=1.abc'])('%j is none', async (fragment) => {
    expect(await readLink(fragment)).toBeNull()
  })

  test('that was cut anywhere says so, and is never taken for another recipe', async () => {
    const whole = await writeLink({
      model: 'm',
      prompt: 'Write a haiku about a porch light',
      options: { seed: 7 },
    })
    for (let length = 2; length < whole.length; length++)
      expect(await readLink(whole.slice(0, length))).toEqual({ fault: 'cut' })
  })

  test.each([
    ['of a version to come', linkOf('{}', '2'), 'version'],
    ['without a version', 'r=', 'cut'],
    ['with something that is no base64url', 'r=1.%3Cscript%3E', 'cut'],
    ['that is no deflate', `r=1.${Buffer.from('hello').toString('base64url')}`, 'cut'],
    ['that is no JSON', linkOf('hello'), 'cut'],
    ['that is no text', linkOf(Buffer.from([0xff, 0xfe])), 'cut'],
    ['of a list', linkOf('[]'), 'invalid'],
    ['of an unknown field', linkOf('{"model":"m","prompt":"Hi","run":true}'), 'invalid'],
    [
      'of an unknown option',
      linkOf('{"model":"m","prompt":"Hi","options":{"warmth":1}}'),
      'invalid',
    ],
    ['without a prompt', linkOf('{"model":"m"}'), 'invalid'],
    [
      'that shows hidden prompts',
      linkOf('{"model":"m","prompt":"Hi","_debug_render_only":true}'),
      'invalid',
    ],
    [
      'of a hundred levels',
      linkOf(`{"model":"m","prompt":"Hi","format":${'{"a":'.repeat(100)}1${'}'.repeat(101)}`),
      'invalid',
    ],
    [
      'of half a million levels',
      linkOf(`{"model":"m","prompt":"Hi","format":{"a":${'['.repeat(5e5)}${']'.repeat(5e5)}}}`),
      /cut|invalid/,
    ],
    [
      'that unfolds to 2 MB and a byte',
      linkOf(JSON.stringify({ model: 'm', prompt: 'a'.repeat(2_000_001 - 25) })),
      'too_large',
    ],
    ['that unfolds to 100 MB', linkOf(Buffer.alloc(100_000_000, 'a')), 'too_large'],
  ] as const)('%s is refused', async (_what, link, fault) => {
    expect(await readLink(link)).toEqual({
      fault: fault instanceof RegExp ? expect.stringMatching(fault) : fault,
    })
  })

  test('that unfolds to exactly 2 MB opens', async () => {
    const prompt = 'a'.repeat(2_000_000 - 25)
    expect(JSON.stringify({ model: 'm', prompt })).toHaveLength(2_000_000)
    expect(await readLink(linkOf(JSON.stringify({ model: 'm', prompt })))).toEqual({
      recipe: { model: 'm', prompt },
    })
  })

  test('that is a bomb costs no more memory than the limit', async () => {
    const bomb = linkOf(Buffer.alloc(500_000_000, 0))
    const before = process.memoryUsage().arrayBuffers
    const startedAt = performance.now()
    expect(await readLink(bomb)).toEqual({ fault: 'too_large' })
    expect(performance.now() - startedAt).toBeLessThan(1000)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000)
  })

  test('whatever stands in it, something is said and nothing is thrown', async () => {
    const hostile = fc.oneof(
      fc.string().map((rest) => `r=1.${rest}`),
      fc.uint8Array().map((bytes) => `r=1.${Buffer.from(bytes).toString('base64url')}`),
      fc.json().map((json) => linkOf(json)),
    )
    await fc.assert(
      fc.asyncProperty(hostile, async (link) => {
        expect(await readLink(link)).toHaveProperty('fault')
      }),
    )
  })
})
