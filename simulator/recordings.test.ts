import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startHome } from './home.ts'
import type { Home } from './home.ts'
import { RECORDED_MODELS } from './models.ts'
import { parseAnswers, sendRaw } from './raw-client.ts'
import type { RawAnswer } from './raw-client.ts'

const ROOT = join(import.meta.dirname, '../tests/recordings')

/** The models that the home loads before a case, so that its answer can match the recording. */
const BEFORE = {
  'ps-loaded': ['gemma3:270m'],
  'ps-two-models': ['gemma3:270m', 'phi3:mini'],
  'ps-alias-shares-runner': ['gemma3:270m'],
  'ps-derived-shares-runner': ['gemma3:270m'],
  'generate-unload': ['gemma3:270m'],
} as const satisfies Record<string, readonly string[]>

/** Milliseconds between the exchanges of a case. */
const BETWEEN = { 'generate-unload': [0, 400] } as const satisfies Record<string, readonly number[]>

const NOT_FOLLOWED = {
  'generate-debug-render':
    'the debug field shows a rendered template, and the simulator renders none',
  'generate-template-bad': 'templates of a request are not parsed',
  'generate-no-shift': 'an answer never reaches the end of the window: scripted answers are short',
  'generate-shift': 'the same: no answer is long enough to slide the window',
  'generate-stop':
    'nonsense of the recorded model contains the stop word; a scripted answer does not',
  'generate-format-json':
    'the recorded model repeats itself until the guard against that ends its answer',
  'chat-tool-result':
    'the recorded model calls its tool for ever; the simulator answers once a tool has spoken',
} as const satisfies Record<string, string>

const VERSIONS_NOT_FOLLOWED = {
  'broken-load':
    'the text of 0.24 and later names tensors of the file, and the simulator has no file',
} as const satisfies Record<string, string>

/** Cases that are compared without the reason of their end and the lines in the middle. */
const LOOSELY = {
  'chat-tool-call-once': 'the recorded model calls twice and is cut short',
  'chat-tool-call-stream': 'the same',
  'chat-think-level': 'the recorded thought is shorter than num_predict, the scripted one is not',
  'generate-think-level': 'the same',
} as const satisfies Record<string, string>
const LOOSE_KEYS = ['done_reason', 'between'] as const satisfies readonly string[]

/** Keys whose values are the same in every run. */
const SAME_VALUE = [
  'model',
  'name',
  'done',
  'done_reason',
  'role',
  'error',
  'capabilities',
  'remote_model',
  'remote_host',
  'version',
]

type Tree = string | { [key: string]: Tree } | Tree[]

const withoutRunning = (text: string): string =>
  text.replace(/ts=\d+/, 'ts=N').replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:N')

/** The keys and types of a value at every depth. A list becomes the set of its elements' shapes. */
function shape(value: unknown, key = ''): Tree {
  if (Array.isArray(value))
    return [
      ...new Set(
        value.map((item) => JSON.stringify(shape(item, SAME_VALUE.includes(key) ? key : ''))),
      ),
    ].sort()
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, shape(item, name)]),
    )
  if (SAME_VALUE.includes(key)) return withoutRunning(JSON.stringify(value))
  return value === null ? 'null' : typeof value
}

const lines = (text: string): unknown[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line): unknown => JSON.parse(line))
const kinds = (values: readonly unknown[]): string[] =>
  [...new Set(values.map((value) => JSON.stringify(shape(value))))].sort()

const headerOf = (answer: RawAnswer, name: string) =>
  answer.headers.find(([key]) => key === name)?.[1] ?? ''

function bodyShape(answer: RawAnswer): unknown {
  const type = headerOf(answer, 'Content-Type')
  if (type === 'application/x-ndjson') {
    const all = lines(answer.body)
    return { first: shape(all[0]), last: shape(all.at(-1)), between: kinds(all.slice(1, -1)) }
  }
  return type.startsWith('application/json') && answer.body !== ''
    ? shape(JSON.parse(answer.body))
    : answer.body
}

function headerShape(answer: RawAnswer): string[] {
  const exact = !/json/.test(headerOf(answer, 'Content-Type'))
  return answer.headers.map(([name, value]) =>
    name === 'Date' || (name === 'Content-Length' && !exact) ? name : `${name}: ${value}`,
  )
}

/** How a stream is cut into chunks: one line each. */
function chunkShape(answer: RawAnswer): unknown {
  if (answer.chunks === null) return null
  return answer.chunks.every((chunk) => chunk.indexOf('\n') === chunk.length - 1)
    ? 'a line each'
    : answer.chunks.length
}

const seen = (answer: RawAnswer) => ({
  status: answer.statusLine,
  headers: headerShape(answer),
  body: bodyShape(answer),
  chunks: chunkShape(answer),
  complete: answer.complete,
})

const loosely = (answer: unknown): unknown =>
  JSON.parse(
    JSON.stringify(answer, (key, value: unknown) =>
      LOOSE_KEYS.some((loose) => loose === key) ? 'not compared' : value,
    ),
  )

const methodOf = (request: Buffer): string => request.toString('latin1').split(' ')[0] ?? ''

function exchangesOf(folder: string): { request: Buffer; response: Buffer }[] {
  const read = (kind: string, number: number) =>
    readFileSync(join(folder, number === 1 ? `${kind}.http` : `${kind}.${number}.http`))
  const numbers = [1, 2, 3, 4].filter(
    (number) => number === 1 || existsSync(join(folder, `request.${number}.http`)),
  )
  return numbers.map((number) => ({
    request: read('request', number),
    response: read('response', number),
  }))
}

const preload = (home: Home, model: string) =>
  fetch(`${home.url}/api/generate`, { method: 'POST', body: JSON.stringify({ model }) }).then(
    (answer) => answer.text(),
  )

async function replay(
  home: Home,
  folder: string,
  between: readonly number[],
  compared: (answer: unknown) => unknown,
): Promise<void> {
  for (const [index, { request, response }] of exchangesOf(folder).entries()) {
    await new Promise((resolve) => setTimeout(resolve, between[index - 1] ?? 0))
    const method = methodOf(request)
    const wanted = parseAnswers(response, method, true)
    const enough = (bytes: Buffer) => {
      const answers = parseAnswers(bytes, method, false)
      return answers.length === wanted.length && answers.every((answer) => answer.complete)
    }
    const { bytes, closedBy } = await sendRaw(home.url, request, { until: enough })
    const got = parseAnswers(bytes, method, closedBy === 'server')
    expect(compared(got.map(seen))).toEqual(compared(wanted.map(seen)))
  }
}

const casesOf = (folder: string, skipped: object) =>
  readdirSync(join(ROOT, folder)).filter((name) => !(name in skipped))

/** 0.32.15 treats the made-up embedding model of an older store as a model for completions. */
const READ_BY_0_32 = RECORDED_MODELS.map((model) =>
  model.capabilities.includes('embedding')
    ? { ...model, capabilities: ['completion'] as const }
    : model,
)

const RECORDED = [
  { folder: 'ollama', version: '0.12.11', skipped: NOT_FOLLOWED, models: RECORDED_MODELS },
  {
    folder: 'ollama-v0.24.0',
    version: '0.24.0',
    skipped: VERSIONS_NOT_FOLLOWED,
    models: RECORDED_MODELS,
  },
  {
    folder: 'ollama-v0.32.15',
    version: '0.32.15',
    skipped: VERSIONS_NOT_FOLLOWED,
    models: READ_BY_0_32,
  },
] as const

describe.each(RECORDED)('Ollama $version', ({ folder, version, skipped, models }) => {
  let home: Home
  beforeAll(async () => {
    home = await startHome({ models, version, loadMs: 1, tokensPerSecond: 20_000 })
  })
  beforeEach(() => home.reset())
  afterAll(() => home.stop())

  test.each(casesOf(folder, skipped))(
    'the simulated home answers %s as the real Ollama did',
    async (name) => {
      for (const model of name in BEFORE ? BEFORE[name as keyof typeof BEFORE] : [])
        await preload(home, model)
      if (name === 'tags-none') home.setModels([])
      const between = name in BETWEEN ? BETWEEN[name as keyof typeof BETWEEN] : []
      await replay(
        home,
        join(ROOT, folder, name),
        between,
        name in LOOSELY ? loosely : (answer) => answer,
      )
    },
  )

  test('every skipped case is one of the recordings of Ollama', () => {
    expect(Object.keys(skipped).filter((name) => !existsSync(join(ROOT, folder, name)))).toEqual([])
  })
})
