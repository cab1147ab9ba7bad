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
    // The parser drops names that could pollute prototypes.
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

/** JSON has no minus zero. */
const plain = (recipe: Recipe) => JSON.parse(JSON.stringify(recipe)) as Recipe

describe('recipe links', () => {
  test('a recipe link opens as exactly the recipe that it was made from', async () => {
    await fc.assert(
      fc.asyncProperty(recipes, async (recipe) => {
        const link = await writeLink(recipe)
        expect(link).toMatch(/^r=1\.[\w-]+$/)
        expect(await readLink(link)).toEqual({ recipe: plain(recipe) })
      }),
    )
  })

  test('a recipe link keeps messages, tools and log probabilities', async () => {
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

  test.each(['', 'prompt', 'R=1.abc', 'run=1.abc'])(
    'the fragment %j is not a recipe link',
    async (fragment) => {
      expect(await readLink(fragment)).toBeNull()
    },
  )

  test('a recipe link that is cut at any place is reported as cut, and never opens as another recipe', async () => {
    const whole = await writeLink({
      model: 'm',
      prompt: 'Write a haiku about a porch light',
      options: { seed: 7 },
    })
    for (let length = 2; length < whole.length; length++)
      expect(await readLink(whole.slice(0, length))).toEqual({ fault: 'cut' })
  })

  test.each([
    ['of a future version', linkOf('{}', '2'), 'version'],
    ['without a version', 'r=', 'cut'],
    ['that is not base64url', 'r=1.%3Cscript%3E', 'cut'],
    ['that is not deflated', `r=1.${Buffer.from('hello').toString('base64url')}`, 'cut'],
    ['that is not JSON', linkOf('hello'), 'cut'],
    ['that is not UTF-8', linkOf(Buffer.from([0xff, 0xfe])), 'cut'],
    ['with a list instead of a recipe', linkOf('[]'), 'invalid'],
    ['with an unknown field', linkOf('{"model":"m","prompt":"Hi","run":true}'), 'invalid'],
    [
      'with an unknown option',
      linkOf('{"model":"m","prompt":"Hi","options":{"warmth":1}}'),
      'invalid',
    ],
    ['without a prompt', linkOf('{"model":"m"}'), 'invalid'],
    [
      'with the field that shows hidden prompts',
      linkOf('{"model":"m","prompt":"Hi","_debug_render_only":true}'),
      'invalid',
    ],
    [
      'with a hundred levels of nesting',
      linkOf(`{"model":"m","prompt":"Hi","format":${'{"a":'.repeat(100)}1${'}'.repeat(101)}`),
      'invalid',
    ],
    [
      'with half a million levels of nesting',
      linkOf(`{"model":"m","prompt":"Hi","format":{"a":${'['.repeat(5e5)}${']'.repeat(5e5)}}}`),
      /cut|invalid/,
    ],
    [
      'that inflates to 2 MB and a byte',
      linkOf(JSON.stringify({ model: 'm', prompt: 'a'.repeat(2_000_001 - 25) })),
      'too_large',
    ],
    ['that inflates to 100 MB', linkOf(Buffer.alloc(100_000_000, 'a')), 'too_large'],
  ] as const)('a link %s is refused', async (_link, link, fault) => {
    const opened = await readLink(link)
    expect(opened).toMatchObject({ fault: expect.stringMatching(fault) as string })
  })

  test('a recipe link that decompresses to exactly 2 MB opens', async () => {
    const prompt = 'a'.repeat(2_000_000 - 25)
    expect(JSON.stringify({ model: 'm', prompt })).toHaveLength(2_000_000)
    expect(await readLink(linkOf(JSON.stringify({ model: 'm', prompt })))).toEqual({
      recipe: { model: 'm', prompt },
    })
  })

  test('a decompression bomb in a recipe link uses no more memory than the limit', async () => {
    const bomb = linkOf(Buffer.alloc(500_000_000, 0))
    const before = process.memoryUsage().arrayBuffers
    const startedAt = performance.now()
    expect(await readLink(bomb)).toEqual({ fault: 'too_large' })
    expect(performance.now() - startedAt).toBeLessThan(1000)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000)
  })

  test('a hostile recipe link is reported as faulty and throws nothing', async () => {
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
