import { describe, expect, test } from 'vitest'
import { bytesOf, fitInto, srcOf } from './image-limits.ts'
import { leastSure, levelOf, readTokenChances } from './token-probabilities.ts'
import { EMPTY_FIELDS, type DraftFields } from './draft-fields.ts'
import { notSent, recipeOf, supportsThink, turnsAfter } from './draft-recipe.ts'
import { faultsIn, toolsFault } from './draft-validation.ts'

const WEATHER =
  '[{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]'
const PICTURE = { name: 'a.png', base64: 'iVBORw0KGgo=', width: 1, height: 1 }
const fields = (part: Partial<DraftFields> = {}): DraftFields => ({
  ...EMPTY_FIELDS,
  model: 'm',
  prompt: 'Hi',
  ...part,
})
const able = (capabilities: string[], thinking: 'switch' | 'levels' | null = null) => ({
  capabilities,
  thinking,
})

describe('recipe of a draft', () => {
  test('the recipe of an unchanged draft holds only model and prompt', () => {
    expect(recipeOf(fields(), undefined)).toEqual({ model: 'm', prompt: 'Hi' })
  })

  test('changed fields of a draft are sent as the API contract defines them', () => {
    const all = fields({
      system: 'Be short',
      options: { seed: '7' },
      think: 'off',
      keepAlive: '10m',
      strict: true,
      logprobs: true,
      format: 'schema',
      schema: '{"type": "object"}',
      pictures: [PICTURE],
    })
    expect(recipeOf(all, undefined)).toEqual({
      model: 'm',
      prompt: 'Hi',
      images: [PICTURE.base64],
      system: 'Be short',
      options: { seed: 7 },
      think: false,
      format: { type: 'object' },
      keepAlive: '10m',
      strict: true,
      logprobs: true,
      topLogprobs: 3,
    })
    expect(
      recipeOf(fields({ keepAlive: '-1', think: 'on', format: 'json' }), undefined),
    ).toMatchObject({
      keepAlive: -1,
      think: true,
      format: 'json',
    })
  })

  test('a draft with turns or tools becomes messages, each with its own images', () => {
    const recipe = recipeOf(fields({ tools: WEATHER, pictures: [PICTURE] }), undefined)
    expect(recipe.prompt).toBeUndefined()
    expect(recipe.messages).toEqual([{ role: 'user', content: 'Hi', images: [PICTURE.base64] }])
    expect(recipe.tools?.[0]?.function.name).toBe('weather')
  })

  test('inputs that the model does not support are omitted from the recipe and listed', () => {
    const more = fields({ tools: WEATHER, pictures: [PICTURE], think: 'high' })
    expect(recipeOf(more, able(['completion']))).toEqual({ model: 'm', prompt: 'Hi' })
    expect(notSent(more, able(['completion']))).toEqual(['thinking', 'images', 'tools'])
    expect(notSent(more, able(['vision', 'tools', 'thinking'], 'levels'))).toEqual([])
    expect(notSent(fields(), able([]))).toEqual([])
  })

  test('a thinking level is sent only to a model with levels, and a thinking switch only to a model with a switch', () => {
    expect([
      supportsThink('high', able(['thinking'], 'switch')),
      supportsThink('off', able(['thinking'], 'levels')),
    ]).toEqual([false, false])
  })
})

describe('faults of a draft', () => {
  test('an empty prompt is a fault of a draft, except after the answer of a tool', () => {
    expect(faultsIn(fields({ prompt: ' ' }), undefined)).toEqual({
      prompt: 'Write something first.',
    })
    const turns = [{ role: 'tool' as const, toolName: 'weather', content: '' }]
    expect(faultsIn(fields({ prompt: '', turns }), undefined)).toEqual({
      turns: 'Type the answer of weather.',
    })
    const said = [{ ...turns[0], role: 'tool' as const, content: 'rain' }]
    expect(faultsIn(fields({ prompt: '', turns: said }), undefined)).toEqual({})
  })

  test.each([
    ['', null],
    [WEATHER, null],
    ['[{"type": "function",\n "function": }]', 'Line 2, column 14: a value is expected.'],
    ['{}', 'Line 1: This must be a list of tools.'],
    ['[\n {"type": "fun",\n "function": {"name": "a"}}]', 'Line 2: 0.type must be function.'],
    [
      '[{"type": "function",\n"function": {}}]',
      'Line 2: 0.function.name is missing or has the wrong type.',
    ],
  ])('the draft tools %j have the fault %j', (text, fault) => expect(toolsFault(text)).toBe(fault))

  test.each([
    ['5m', true],
    ['1h30m', true],
    ['-1', true],
    ['300', true],
    ['5', true],
    ['soon', false],
    ['5 minutes', false],
  ])('the validity of keep_alive %s in a draft is %s', (keepAlive, isFine) => {
    expect('keep-alive' in faultsIn(fields({ keepAlive }), undefined)).toBe(!isFine)
  })

  test('an invalid schema is a fault only while the answer format is a schema', () => {
    expect(faultsIn(fields({ format: 'schema', schema: '[' }), undefined).schema).toContain(
      'Line 1',
    )
    expect(faultsIn(fields({ schema: '[' }), undefined)).toEqual({})
  })
})

describe('continued conversation', () => {
  test('each tool call adds a turn for the answer of the tool', () => {
    const toolCalls = [
      { id: 'c1', function: { name: 'weather', arguments: { city: 'Bern' }, index: 0 } },
    ]
    expect(
      turnsAfter(
        { model: 'm', prompt: 'Hi', images: ['x'] },
        { text: '', thinking: 'hm', toolCalls },
      ),
    ).toEqual([
      { role: 'user', content: 'Hi', images: ['x'] },
      {
        role: 'assistant',
        content: '',
        thinking: 'hm',
        toolCalls: [{ id: 'c1', function: { name: 'weather', arguments: { city: 'Bern' } } }],
      },
      { role: 'tool', content: '', toolName: 'weather' },
    ])
  })

  test('a continued conversation keeps the turns before the answer', () => {
    const messages = [{ role: 'user' as const, content: 'a' }]
    const turns = turnsAfter({ model: 'm', messages }, { text: 'b', thinking: '', toolCalls: [] })
    expect(turns.map(({ content }) => content)).toEqual(['a', 'b'])
  })
})

describe('images', () => {
  test.each([
    [4000, 3000, 1600, 1200],
    [3000, 4000, 1200, 1600],
    [800, 600, 800, 600],
    [1600, 1, 1600, 1],
    [160_000, 3, 1600, 1],
    [0, 0, 1, 1],
  ])('an image of %i × %i is sent as %i × %i', (width, height, toWidth, toHeight) => {
    expect(fitInto(width, height)).toEqual({ width: toWidth, height: toHeight })
  })

  test('image sizes are counted in bytes, and only images get a data URL', () => {
    for (const length of [0, 1, 2, 3, 100])
      expect(bytesOf(Buffer.alloc(length).toString('base64'))).toBe(length)
    expect([srcOf('/9j/4AA').slice(0, 22), srcOf('PHN2Zz4=')]).toEqual([
      'data:image/jpeg;base64',
      '',
    ])
  })
})

describe('token probabilities', () => {
  const logprobs = [
    {
      token: 'Hi',
      logprob: -0.01,
      top_logprobs: [
        { token: 'Hi', logprob: -0.01 },
        { token: 'Yo', logprob: -3 },
      ],
    },
    {
      token: ' you',
      logprob: -1.2,
      top_logprobs: [
        { token: ' all', logprob: -0.6 },
        { token: ' you', logprob: -1.2 },
      ],
    },
    'odd',
    { token: '!' },
    null,
  ]

  test('each token of an answer has its probability and its alternatives', () => {
    const [first, second, ...rest] = readTokenChances(logprobs)
    expect(rest).toEqual([])
    expect(first?.chance).toBeCloseTo(0.99)
    expect(second?.others.map(({ token }) => token)).toEqual([' all'])
    expect(leastSure(readTokenChances(logprobs), 5).map(({ token, nth }) => [token, nth])).toEqual([
      [' you', 1],
    ])
  })

  test.each([
    [1, 'sure'],
    [0.9, 'sure'],
    [0.6, 'likely'],
    [0.2, 'unsure'],
    [0, 'rare'],
  ])('a probability of %d is marked as %s', (chance, level) => expect(levelOf(chance)).toBe(level))
})
