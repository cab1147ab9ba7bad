import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ollamaRequest } from '../contract/ollama-request.ts'
import type { Recipe } from '../contract/recipe.ts'
import { AT_HOME, SNIPPETS, type SnippetName } from './index.ts'
import { modelfileOf } from './modelfile.ts'

const run = promisify(execFile)
const canRun = async (program: string) =>
  run(program, ['--version']).then(
    () => true,
    () => false,
  )

/** Records what a program sends, and answers like Ollama. */
let server: Server
let at = ''
const received: { path: string; body: string; headers: Record<string, unknown> }[] = []
const folder = mkdtempSync(join(tmpdir(), 'porchlight-snippets-'))

beforeAll(async () => {
  server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      received.push({
        path: request.url ?? '',
        body: Buffer.concat(parts).toString(),
        headers: request.headers,
      })
      response.end(JSON.stringify({ response: 'Hello', message: { content: 'Hello' } }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

const PROGRAMS = {
  curl: ['sh', 'sh'],
  porchlight: ['sh', 'sh'],
  javascript: [process.execPath, 'mjs'],
  python: ['python3', 'py'],
} as const satisfies Partial<Record<SnippetName, readonly [string, string]>>

/** Runs the snippet unchanged except for the address. */
async function carryOut(name: keyof typeof PROGRAMS, recipe: Recipe) {
  const [program, extension] = PROGRAMS[name]
  const file = join(folder, `${name}.${extension}`)
  writeFileSync(file, SNIPPETS[name].write(recipe, at).replaceAll(AT_HOME, at))
  received.length = 0
  const { stdout } = await run(program, [file], { env: { ...process.env, no_proxy: '*' } })
  return { said: stdout, sent: received[0] }
}

const NASTY = [
  `it's "quoted" \`ticks\` $HOME \${x} $(touch /tmp/owned) \\n \\ \\\\ !! %s`,
  'two\nlines\r\nand\ttabs\u0000\u0007\u007f\u0085\u2028\u2029',
  'Grüße 🏠 👩‍👩‍👧 \ud83d العربية \u202e right to left',
  `'''""" END_OF_RECIPE\nEND_OF_RECIPE\n"""`,
  '@file',
  '-d',
  '=1+1',
]
const text = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...Array.from('\'"\\$`!\n\r {}u')) }),
)
const recipes: fc.Arbitrary<Recipe> = fc.oneof(
  fc.record({
    model: text,
    prompt: text,
    system: text,
    options: fc.record({
      temperature: fc.double({ noNaN: true, noDefaultInfinity: true }),
      stop: fc.array(text),
    }),
    format: fc.dictionary(fc.oneof(text, fc.constant('__proto__')), fc.jsonValue()),
    raw: fc.boolean(),
  }),
  fc.record({
    model: text,
    messages: fc.array(fc.record({ role: fc.constantFrom('user', 'assistant'), content: text }), {
      minLength: 1,
    }),
    think: fc.constantFrom('low', true, false),
  }),
) as fc.Arbitrary<Recipe>

/** JSON has no minus zero, and encoders replace half a surrogate pair. */
const asSent = (value: unknown) =>
  JSON.parse(Buffer.from(JSON.stringify(value)).toString()) as unknown

describe.each(['curl', 'javascript', 'python', 'porchlight'] as const)('snippets in %s', (name) => {
  test(`a recipe copied as ${name} is sent unchanged`, { timeout: 120_000 }, async (context) => {
    if (!(await canRun(PROGRAMS[name][0] === 'sh' ? 'curl' : PROGRAMS[name][0]))) context.skip()
    await fc.assert(
      fc.asyncProperty(recipes, async (recipe) => {
        const { sent, said } = await carryOut(name, recipe)
        const { path, body } = ollamaRequest(recipe)
        const isHere = name === 'porchlight'
        expect(sent?.path).toBe(isHere ? '/api/runs' : path)
        expect(JSON.parse(sent?.body ?? '')).toEqual(
          asSent(isHere ? recipe : { ...body, stream: false }),
        )
        expect(sent?.headers['content-type']).toBe('application/json')
        expect(said).toContain('Hello')
      }),
      {
        numRuns: 40,
        examples: NASTY.map((prompt): [Recipe] => [{ model: 'm', prompt, system: prompt }]),
      },
    )
  })

  test(`a recipe copied as ${name} is sent completely, even with a megabyte of images`, async (context) => {
    if (!(await canRun(PROGRAMS[name][0] === 'sh' ? 'curl' : PROGRAMS[name][0]))) context.skip()
    const { sent } = await carryOut(name, {
      model: 'm',
      prompt: 'Hi',
      images: ['A'.repeat(900_000)],
    })
    expect((JSON.parse(sent?.body ?? '') as Recipe).images?.[0]).toHaveLength(900_000)
  })
})

describe('recipes copied as curl for this Porchlight', () => {
  const write = (here: string) => SNIPPETS.porchlight.write({ model: 'm', prompt: 'Hi' }, here)

  test('a curl command for this Porchlight has a token except on loopback', () => {
    expect(write('http://localhost:8787')).not.toContain('Authorization')
    expect(write('https://porch.example')).toContain('Bearer $PORCHLIGHT_TOKEN')
    expect(write('http://localhost.example')).toContain('Bearer $PORCHLIGHT_TOKEN')
  })
})

/** As in Ollama’s reader, a value ends at the first line break outside its quotation marks. */
function readModelfile(file: string): [string, string][] {
  const found: [string, string][] = []
  for (let rest = file; rest !== '';) {
    const blank = /^(#[^\r\n]*|[ \t\r\n]+)/.exec(rest)?.[0]
    if (blank !== undefined) {
      rest = rest.slice(blank.length)
      continue
    }
    const [head = '', name = ''] = /^((?:FROM|SYSTEM|PARAMETER \w+|MESSAGE \w+)) /.exec(rest) ?? []
    if (head === '') throw new Error(`not a command: ${rest.slice(0, 20)}`)
    const [value, length] = readValue(rest.slice(head.length))
    found.push([name, value])
    rest = rest.slice(head.length + length)
  }
  return found
}

function readValue(text: string): [string, number] {
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && text[at] !== '\n' && text[at] !== '\r') continue
    const value = unquoted(text.slice(0, at).trim())
    if (value !== null) return [value, at]
  }
  throw new Error('a text without an end')
}

function unquoted(value: string): string | null {
  for (const marks of ['"""', '"']) {
    if (!value.startsWith(marks)) continue
    return value.length >= 2 * marks.length && value.endsWith(marks)
      ? value.slice(marks.length, -marks.length)
      : null
  }
  return value
}

describe('recipes copied as a Modelfile', () => {
  const written = (recipe: Recipe) => readModelfile(modelfileOf(recipe))

  test('a Modelfile has a line for the model, the system text, each option and each message', () => {
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'tool', content: '4' },
      { role: 'assistant', content: 'Ho\nho' },
    ] as const
    expect(
      written({
        model: 'qwen3:8b',
        system: 'Be "brief".\n',
        options: { seed: 7, stop: ['\n', 'a b'] },
        messages: [...messages],
      }),
    ).toEqual([
      ['FROM', 'qwen3:8b'],
      ['SYSTEM', 'Be "brief".\n'],
      ['PARAMETER seed', '7'],
      ['PARAMETER stop', '\n'],
      ['PARAMETER stop', 'a b'],
      ['MESSAGE user', 'Hi'],
      ['MESSAGE assistant', 'Ho\nho'],
    ])
  })

  test('a Modelfile lists what it cannot hold', () => {
    const file = modelfileOf({
      model: 'm',
      prompt: 'Hi\rFROM evil',
      think: 'high',
      format: 'json',
      system: 'a """\nb',
    })
    expect(file).toContain('cannot hold: format, think.')
    expect(file).toContain('SYSTEM is left out')
    expect(readModelfile(file)).toEqual([['FROM', 'm']])
  })

  test('no text in a recipe can add a line to its Modelfile', () => {
    fc.assert(
      fc.property(text, text, (model, system) => {
        const endsEarly = (one: string) => /"""\s*[\r\n]/.test(one)
        const expected = [
          ['FROM', model],
          ['SYSTEM', system],
        ].filter(([, one = '']) => !endsEarly(one))
        expect(written({ model, system, prompt: system })).toEqual(expected)
      }),
      {
        numRuns: 500,
        examples: NASTY.flatMap(
          (one) =>
            [
              [one, one],
              ['m', `"""${one}"""`],
            ] as [string, string][],
        ),
      },
    )
  })
})
