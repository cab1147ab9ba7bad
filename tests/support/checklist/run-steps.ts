/** Runs, their events and what is loaded, through our own API, against whatever Ollama stands behind it. */
import assert from 'node:assert/strict'
import type { Recipe } from '../../../src/lib/contract/recipe.ts'
import {
  EVENTS_TYPE,
  type Receipt,
  type RunDetail,
  type RunEvent,
  type RunState,
} from '../../../src/lib/contract/runs.ts'
import type { Loaded, WarmUp } from '../../../src/lib/contract/warmth.ts'
import { sameModel } from '../../../src/lib/diagnosis/index.ts'
import type { Step, Subject } from './checklist.ts'
import { modelsOf, TIMEOUT_MS, versionOf } from './ollama.ts'

const PROMPT = 'Count from one to twenty in words.'
const MOST_TOKENS = 24
/** More than any home writes while it is looked at. */
const LONG = 20_000
const POLL_MS = 500
const STOPPED_WITHIN_MS = 2000

export const RUN_STEPS: readonly Step[] = [
  { name: 'a run ends with a receipt that agrees with the home', run: receiptAgrees },
  { name: 'a viewer who was cut off sees the rest, byte for byte', run: cutsLoseNothing },
  {
    name: 'a second run waits with its place, and leaves the queue when stopped',
    run: secondRunWaits,
  },
  { name: 'a run that is stopped keeps its text', run: stopKeepsText },
  { name: 'an answer keeps to a JSON Schema', run: schemaIsKept },
  { name: 'a prompt that is too long is named when it may not be cut', run: tooLongIsNamed },
  {
    name: 'unload and warm up change what is loaded, and a run knows that it was cold',
    run: warmthIsTrue,
  },
]

async function receiptAgrees({ server, home, model }: Subject) {
  const events = await wholeRun(server, {
    model,
    prompt: PROMPT,
    options: { num_predict: MOST_TOKENS, seed: 7 },
  })
  assert.deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, nth) => nth + 1),
  )
  const receipt = receiptOf(events)
  const { digest } = (await modelsOf(home)).find(({ name }) => sameModel(name, model)) ?? {}
  assert.equal(receipt.digest, digest)
  assert.equal(receipt.ollamaVersion, await versionOf(home))
  assert.equal(receipt.seed, 7)
  assert.ok((receipt.contextLength ?? 1) > 0, `context ${receipt.contextLength}`)
  assert.ok((receipt.tokens.generated ?? 0) > 0 && (receipt.tokens.generated ?? 0) <= MOST_TOKENS)
  const parts = [receipt.ms.load, receipt.ms.prompt, receipt.ms.answer].map((ms) => ms ?? 0)
  const total = receipt.ms.total ?? 0
  assert.ok(
    parts.reduce((sum, ms) => sum + ms, 0) <= total * 1.05,
    `${parts.join(', ')} do not fit into ${total} ms`,
  )
  return `${receipt.rate.answer} tokens/s, our own part ${receipt.ms.overhead} ms`
}

async function cutsLoseNothing({ server, model }: Subject) {
  const started = await start(server, {
    model,
    prompt: PROMPT,
    options: { num_predict: MOST_TOKENS },
  })
  const cut = await fetch(`${server}/api/runs/${started}/events`)
  const reader = cut.body?.getReader()
  await reader?.read()
  await reader?.cancel()
  const whole = await (await fetch(`${server}/api/runs/${started}/events`)).text()
  for (const { seq } of eventsIn(whole)) {
    const headers = { 'Last-Event-ID': String(seq) }
    const rest = await (await fetch(`${server}/api/runs/${started}/events`, { headers })).text()
    assert.ok(framesOf(whole).slice(seq).join('') === framesOf(rest).join(''), `after event ${seq}`)
  }
  const { output } = await find(server, started)
  assert.equal(textOf(eventsIn(whole)), output.text)
}

async function secondRunWaits({ server, model }: Subject) {
  const first = await start(server, { model, prompt: PROMPT, options: { num_predict: LONG } })
  const second = await post<{ id: string; place: number }>(server, '/api/runs', {
    model,
    prompt: 'Say hello.',
  })
  assert.equal(second.place, 1)
  assert.equal((await stop(server, second.id)).state, 'stopped')
  assert.ok(['queued', 'running', 'done'].includes((await find(server, first)).state))
  await stop(server, first)
}

async function stopKeepsText({ server, model }: Subject) {
  const id = await start(server, { model, prompt: PROMPT, options: { num_predict: LONG } })
  const text = await until(async () => (await find(server, id)).output.text || null)
  const startedAt = performance.now()
  await stop(server, id)
  const run = await find(server, id)
  assert.ok(performance.now() - startedAt <= STOPPED_WITHIN_MS, 'it took too long to stop')
  if (run.state === 'done') return 'it was over before'
  assert.equal(run.state, 'stopped')
  assert.ok(run.output.text.startsWith(text), 'the text is another one')
}

async function schemaIsKept({ server, model }: Subject) {
  const properties = { city: { type: 'string', enum: ['Oslo', 'Lima'] } }
  const format = { type: 'object', properties, required: ['city'], additionalProperties: false }
  const options = { num_predict: 200, temperature: 0 }
  const events = await wholeRun(server, { model, prompt: 'Name a city as JSON.', format, options })
  if (receiptOf(events).doneReason === 'length') return 'cut before its end, so not looked at'
  const { city } = JSON.parse(textOf(events)) as { city: string }
  assert.ok(['Oslo', 'Lima'].includes(city), city)
}

async function tooLongIsNamed({ server, model }: Subject) {
  const options = { num_ctx: 512, num_predict: 1 }
  const events = await wholeRun(server, {
    model,
    prompt: 'word '.repeat(2000),
    strict: true,
    options,
  })
  const end = events.at(-1)
  if (end?.event === 'done') return 'this Ollama is too old to refuse it'
  assert.equal(end?.event, 'failed')
  assert.equal(end.data.problem.reason, 'prompt_too_long')
}

async function warmthIsTrue({ server, model }: Subject) {
  const isLoaded = async () =>
    (await get<Loaded>(server, '/api/loaded')).models?.some(({ name }) => sameModel(name, model)) ??
    false
  await post(server, '/api/unload', { model })
  await until(async () => !(await isLoaded()))
  const cold = receiptOf(
    await wholeRun(server, { model, prompt: 'Say hello.', options: { num_predict: 1 } }),
  )
  assert.equal(cold.cold, true)
  await post(server, '/api/unload', { model })
  await until(async () => !(await isLoaded()))
  await post<WarmUp>(server, '/api/warm', { model })
  const warm = await until(async () => {
    const { warmUp } = await get<Loaded>(server, '/api/loaded')
    return warmUp?.state === 'loaded' || warmUp?.state === 'failed' ? warmUp : null
  })
  assert.equal(warm.state, 'loaded', warm.problem?.detail)
  const receipt = receiptOf(
    await wholeRun(server, { model, prompt: 'Say hello.', options: { num_predict: 1 } }),
  )
  assert.equal(receipt.cold, false)
  return `loaded in ${warm.ms} ms`
}

async function wholeRun(server: string, recipe: Recipe): Promise<RunEvent[]> {
  const response = await send(server, '/api/runs', recipe, { Accept: EVENTS_TYPE })
  const text = await response.text()
  assert.equal(response.status, 201, text)
  return eventsIn(text)
}

const start = async (server: string, recipe: Recipe) =>
  (await post<{ id: string }>(server, '/api/runs', recipe)).id
const stop = (server: string, id: string) =>
  post<{ state: RunState }>(server, `/api/runs/${id}/stop`)
const find = (server: string, id: string) => get<RunDetail>(server, `/api/runs/${id}`)

function receiptOf(events: readonly RunEvent[]): Receipt {
  const end = events.at(-1)
  if (end?.event !== 'done') assert.fail(`the run ended so: ${JSON.stringify(end)}`)
  return end.data.receipt
}

const textOf = (events: readonly RunEvent[]) =>
  events.map((one) => (one.event === 'delta' ? (one.data.text ?? '') : '')).join('')

const framesOf = (text: string) =>
  text.split(/(?<=\n\n)/).filter((frame) => frame.startsWith('id: '))

const eventsIn = (text: string): RunEvent[] =>
  framesOf(text).map((frame) => {
    const [, seq, event, data = ''] =
      /^id: (\d+)\nevent: (\w+)\ndata: ([^\n]*)\n\n$/.exec(frame) ?? []
    return { seq: Number(seq), event, data: JSON.parse(data) as unknown } as RunEvent
  })

const send = (
  server: string,
  path: string,
  body: object | undefined,
  headers: Record<string, string> = {},
) =>
  fetch(`${server}${path}`, {
    method: 'POST',
    headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

async function post<Body>(server: string, path: string, body?: object): Promise<Body> {
  const response = await send(server, path, body)
  const text = await response.text()
  assert.ok(response.ok, `${path}: ${response.status} ${text}`)
  return (text === '' ? null : JSON.parse(text)) as Body
}

async function get<Body>(server: string, path: string): Promise<Body> {
  const response = await fetch(`${server}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  assert.equal(response.status, 200, path)
  return (await response.json()) as Body
}

async function until<Value>(look: () => Promise<Value | null | false>): Promise<Value> {
  for (let waited = 0; waited < TIMEOUT_MS; waited += POLL_MS) {
    const value = await look()
    if (value !== null && value !== false) return value
    await new Promise((resume) => setTimeout(resume, POLL_MS))
  }
  throw new Error('it did not come about in time')
}
