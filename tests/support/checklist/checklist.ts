/** The checklist, through our own API, against whatever Ollama stands behind it. */
import assert from 'node:assert/strict'
import OpenAI from 'openai'
import type { GenerateLine, LlmStatus, ModelList } from '../../../src/lib/contract/llm.ts'
import type { Problem } from '../../../src/lib/contract/problem.ts'
import { capabilitiesOf, modelsOf, TIMEOUT_MS, versionOf, type Ollama } from './ollama.ts'

export interface Subject {
  /** Our server. */
  server: string
  /** The home behind it, asked directly. */
  home: Ollama
  model: string
}

export interface Step {
  name: string
  /** What it returns is worth a remark. */
  run: (subject: Subject) => Promise<string | void>
}

const PROMPT = 'Count from one to twenty in words.'
const MOST_TOKENS = 32
/** Longer than a fast GPU writes in that time, so that a run which goes on is noticed. */
const LONG = 20_000
const FREE_AGAIN_WITHIN_MS = 30_000
const CLOCK_SLACK_MS = 1000
const NS_PER_MS = 1e6
const ABSENT_MODEL = 'porchlight-absent:latest'

export const CHECKLIST: readonly Step[] = [
  { name: 'the status is online, with the version of the home', run: statusIsOnline },
  { name: 'the list of models is that of the home, each with its size', run: modelsAreListed },
  { name: 'what each model can do is there when the home knows it', run: capabilitiesAreThere },
  { name: 'an answer streams, line by line, and ends with done', run: answerStreams },
  { name: 'an answer comes in one piece when asked for so', run: answerComesWhole },
  { name: 'a run that is stopped makes room for the next one', run: stopFreesTheHome },
  { name: 'a missing model is named, with the command that pulls it', run: missingModelIsNamed },
  { name: 'an option of the wrong kind is refused, with its path', run: wrongOptionIsRefused },
  { name: 'an unknown path is a problem 404', run: unknownPathIsNotFound },
  { name: 'an OpenAI client gets an answer, whole and as a stream', run: openAiClientIsAnswered },
  { name: 'an OpenAI client gets an error for a missing model', run: openAiClientGetsAnError },
]

async function statusIsOnline({ server, home }: Subject) {
  const { status, version } = await getJson<LlmStatus>(server, '/api/llm/status')
  assert.equal(status, 'online')
  assert.equal(version?.version, await versionOf(home))
}

async function modelsAreListed({ server, home }: Subject) {
  const { models } = await getJson<ModelList>(server, '/api/llm/models')
  const sizes = (listed: { name: string; size?: number | null }[]) =>
    Object.fromEntries(listed.map(({ name, size }) => [name, size]))
  assert.deepEqual(sizes(models), sizes(await modelsOf(home)))
  for (const { name, size } of models)
    assert.ok(typeof size === 'number' && size > 0, `${name} has no size`)
}

async function capabilitiesAreThere({ server, home }: Subject) {
  const { models } = await getJson<ModelList>(server, '/api/llm/models')
  let known = 0
  for (const { name, capabilities } of models) {
    const own = await capabilitiesOf(home, name)
    if (own === null) continue
    assert.deepEqual([...capabilities].sort(), [...own].sort(), name)
    known++
  }
  return `${known} of ${models.length} known`
}

async function answerStreams({ server, model }: Subject) {
  const startedAt = performance.now()
  const response = await generate(server, {
    model,
    prompt: PROMPT,
    options: { num_predict: MOST_TOKENS },
  })
  assert.match(response.headers.get('content-type') ?? '', /^application\/x-ndjson/)
  const lines = await allLines(response)
  const last = lines.at(-1)
  assert.ok(lines.length > 1, 'only one line came')
  assert.deepEqual(
    lines.map(({ done }) => done),
    lines.map((line) => line === last),
  )
  assert.notEqual(textOf(lines), '')
  assert.ok(last)
  checkFigures(last, performance.now() - startedAt)
  return `${last.eval_count} tokens in ${lines.length} lines`
}

async function answerComesWhole({ server, model }: Subject) {
  const startedAt = performance.now()
  const asked = { model, prompt: PROMPT, stream: false, options: { num_predict: MOST_TOKENS } }
  const response = await generate(server, asked)
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
  const answer = (await response.json()) as GenerateLine
  assert.equal(answer.done, true)
  assert.notEqual(textOf([answer]), '')
  checkFigures(answer, performance.now() - startedAt)
}

async function stopFreesTheHome({ server, model }: Subject) {
  await leaveAfterFirstLine(server, { model, prompt: PROMPT, options: { num_predict: LONG } })
  const ms = await leaveAfterFirstLine(server, {
    model,
    prompt: 'Say hello.',
    options: { num_predict: 4 },
  })
  assert.ok(ms <= FREE_AGAIN_WITHIN_MS, `the next first token took ${Math.round(ms)} ms`)
  return `next first token after ${Math.round(ms)} ms`
}

/** ms until the first line was there. */
async function leaveAfterFirstLine(server: string, body: object): Promise<number> {
  const leave = new AbortController()
  const startedAt = performance.now()
  const { response, done, error } = await firstLine(await generate(server, body, leave.signal))
  leave.abort()
  assert.equal(error, undefined)
  assert.ok(typeof response === 'string' || done, 'the first line is not one of an answer')
  return performance.now() - startedAt
}

async function missingModelIsNamed({ server }: Subject) {
  const problem = await problemOf(await post(server, { model: ABSENT_MODEL, prompt: PROMPT }), 404)
  assert.equal(problem.code, 'home')
  assert.equal(problem.cause, 'model_missing')
  const commands = (problem.fix ?? []).map(({ command = '' }) => command)
  assert.ok(
    commands.some((command) => command.includes('ollama pull')),
    'no fix pulls a model',
  )
}

async function wrongOptionIsRefused({ server, model }: Subject) {
  const problem = await problemOf(
    await post(server, { model, prompt: PROMPT, options: { num_ctx: 'big' } }),
    422,
  )
  assert.equal(problem.code, 'invalid')
  assert.deepEqual(
    problem.errors?.map(({ path }) => path),
    ['options.num_ctx'],
  )
}

async function unknownPathIsNotFound({ server }: Subject) {
  const problem = await problemOf(await fetch(`${server}/api/llm/nothing-of-this-name`), 404)
  assert.equal(problem.code, 'not_found')
}

async function getJson<Body>(server: string, path: string): Promise<Body> {
  const response = await fetch(`${server}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  assert.equal(response.status, 200, path)
  return (await response.json()) as Body
}

const post = (server: string, body: object, leave?: AbortSignal) =>
  fetch(`${server}/api/llm/generate`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(leave ? [leave] : [])]),
  })

async function generate(server: string, body: object, leave?: AbortSignal): Promise<Response> {
  const response = await post(server, body, leave)
  if (response.status !== 200) assert.fail(`status ${response.status}: ${await response.text()}`)
  return response
}

async function problemOf(response: Response, status: number): Promise<Problem> {
  const text = await response.text()
  assert.equal(response.status, status, text)
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/)
  const problem = JSON.parse(text) as Problem
  assert.equal(problem.status, status)
  return problem
}

const allLines = async (response: Response) =>
  (await response.text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as GenerateLine)

async function firstLine(response: Response): Promise<GenerateLine> {
  assert.ok(response.body)
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!text.includes('\n')) {
    const { done, value } = await reader.read()
    if (done) assert.fail(`no line came: ${text}`)
    text += value
  }
  return JSON.parse(text.slice(0, text.indexOf('\n'))) as GenerateLine
}

const textOf = (lines: GenerateLine[]) =>
  lines
    .map(({ response = '', thinking = '' }) => response + thinking)
    .join('')
    .trim()

/** Parts fit into the whole, and the whole into the time that passed here. */
function checkFigures(line: GenerateLine, passedMs: number) {
  const {
    total_duration: total = 0,
    load_duration: load,
    prompt_eval_duration: reading,
    eval_duration: writing,
  } = line
  const parts = [load, reading, writing].map((duration) => duration ?? 0)
  assert.ok(
    total > 0 && total <= (passedMs + CLOCK_SLACK_MS) * NS_PER_MS,
    `total_duration is ${total}`,
  )
  assert.ok(
    parts.every((part) => part >= 0),
    `a duration is negative: ${parts.join()}`,
  )
  assert.ok(
    parts.reduce((sum, part) => sum + part, 0) <= total * 1.05,
    `${parts.join()} do not fit into ${total}`,
  )
  assert.ok(
    (line.eval_count ?? 0) > 0 && (line.eval_count ?? 0) <= MOST_TOKENS,
    `eval_count is ${line.eval_count}`,
  )
}

const clientOf = (server: string) =>
  new OpenAI({ baseURL: `${server}/v1`, apiKey: 'none', maxRetries: 0, timeout: TIMEOUT_MS })

async function openAiClientIsAnswered({ server, model }: Subject) {
  const client = clientOf(server)
  const asked = {
    model,
    messages: [{ role: 'user' as const, content: PROMPT }],
    max_tokens: MOST_TOKENS,
  }
  const { data } = await client.models.list()
  assert.ok(
    data.some(({ id }) => id === model),
    `${model} is not listed`,
  )
  const { choices, usage } = await client.chat.completions.create(asked)
  assert.ok((usage?.completion_tokens ?? 0) > 0 && (usage?.completion_tokens ?? 0) <= MOST_TOKENS)
  assert.ok(['stop', 'length'].includes(choices[0]?.finish_reason ?? ''))
  const chunks = []
  for await (const chunk of await client.chat.completions.create({ ...asked, stream: true }))
    chunks.push(chunk)
  assert.ok(chunks.length > 1 && chunks.at(-1)?.choices[0]?.finish_reason, 'the stream has no end')
  return `${usage?.completion_tokens} tokens whole, ${chunks.length} chunks`
}

async function openAiClientGetsAnError({ server }: Subject) {
  const asking = clientOf(server).chat.completions.create({
    model: ABSENT_MODEL,
    messages: [{ role: 'user', content: PROMPT }],
  })
  await assert.rejects(asking, { status: 404, code: 'model_not_found' })
}
