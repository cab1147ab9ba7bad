import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { QueueState } from '../../src/lib/contract/queue.ts'
import type { Started } from '../../src/lib/contract/runs.ts'
import { post, reset, setFault, worker } from '../support/workerd/client.ts'
import {
  MODEL,
  asksForText,
  detail,
  readEvents,
  runTo,
  start,
  stop,
  stopAll,
  textOf,
  watch,
} from '../support/workerd/runs.ts'

beforeEach(reset)
afterEach(async () => {
  await stopAll()
  await reset()
})

describe('runs', () => {
  test('a run is accepted at once and ends with a receipt', async () => {
    const response = await worker(
      '/api/runs',
      post({ model: MODEL, prompt: 'Count to 12', options: { seed: 7 } }),
    )
    const { id, state, place } = await response.json<Started>()
    expect([response.status, response.headers.get('location'), state, place]).toEqual([
      201,
      `/api/runs/${id}`,
      'running',
      0,
    ])
    const events = await readEvents(await watch(id))
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, nth) => nth + 1))
    const { receipt, output, ...run } = await detail(id)
    expect(run).toMatchObject({ state: 'done', model: MODEL, title: 'Count to 12', failure: null })
    expect(textOf(events)).toBe(output.text)
    expect(output.text).toContain('12')
    expect(receipt).toMatchObject({
      model: MODEL,
      quantization: 'Q4_K_M',
      ollamaVersion: '0.12.11',
      contextLength: 4096,
      gpuShare: 1,
      seed: 7,
      optionsSent: { seed: 7 },
      doneReason: 'stop',
      truncated: false,
      cold: false,
      tokens: { thinking: null },
    })
    expect(receipt?.ms.total).toBeGreaterThanOrEqual(receipt?.ms.first ?? Infinity)
    expect(receipt?.rate.answer).toBeGreaterThan(0)
    expect(events.at(-1)).toMatchObject({ event: 'done', data: { receipt } })
  })

  test('a run reports its phases in order, and loading only for a model that was not loaded', async () => {
    const phases = async (model: string) => {
      const { id } = await start({ model, prompt: 'Hi' })
      return (await readEvents(await watch(id))).flatMap(({ event, data }) =>
        event === 'phase' ? data.phase : [],
      )
    }
    expect(await phases('mistral:latest')).toEqual(['connecting', 'loading', 'answering'])
    expect((await phases(MODEL)).at(-1)).toBe('answering')
    expect(await phases(MODEL)).not.toContain('loading')
  })

  test('the request that starts a run can stream its events', async () => {
    const response = await worker(
      '/api/runs',
      post({ model: MODEL, prompt: 'Count to 12' }, { Accept: 'text/event-stream' }),
    )
    expect([response.status, response.headers.get('content-type')]).toEqual([
      201,
      'text/event-stream',
    ])
    const id = response.headers.get('location')?.split('/').at(-1) ?? ''
    const text = await response.text()
    expect(await (await watch(id)).text()).toBe(text)
  })

  test('a run continues when its viewer disconnects', async () => {
    const { id } = await start({ prompt: 'Count to 60' })
    const reader = (await watch(id)).body?.getReader()
    await reader?.read()
    await reader?.cancel()
    await runTo(id, 'done')
    expect((await detail(id)).output.text).toContain('60')
    expect((await asksForText()).map(({ endedBy }) => endedBy)).toEqual(['answered'])
  })

  test('a run sends messages, tools and a schema in Ollama’s field names', async () => {
    const tool = {
      type: 'function',
      function: {
        name: 'weather',
        parameters: { type: 'object', properties: { city: { type: 'string' } } },
      },
    }
    const { id } = await start({
      messages: [{ role: 'user', content: 'What is the weather in Bern?' }],
      system: 'Be short',
      tools: [tool],
      keep_alive: '5m',
    })
    await runTo(id, 'done')
    const [request] = await asksForText()
    expect(JSON.parse(request?.body ?? '')).toEqual({
      model: MODEL,
      messages: [
        { role: 'system', content: 'Be short' },
        { role: 'user', content: 'What is the weather in Bern?' },
      ],
      tools: [tool],
      keep_alive: '5m',
      stream: true,
    })
    expect((await detail(id)).output.toolCalls).toMatchObject([{ function: { name: 'weather' } }])
  })
})

describe('run events', () => {
  test('events are identical after 200 disconnects at random bytes', async () => {
    const { id } = await start({ prompt: 'Count to 300' })
    const live = watch(id).then((response) => response.text())
    const [whole, ...pieced] = await Promise.all([
      live,
      ...Array.from({ length: 40 }, () => cutAnywhere(id)),
    ])
    expect(new Set(pieced.map(({ text }) => text))).toEqual(new Set([withoutComments(whole)]))
    expect(pieced.reduce((sum, { cuts }) => sum + cuts, 0)).toBeGreaterThanOrEqual(200)
    expect(await (await watch(id)).text()).toBe(withoutComments(whole))
  })

  test('sixty viewers see the same events and cause one request to the home', async () => {
    const { id } = await start({ prompt: 'Count to 150' })
    const texts = await Promise.all(
      Array.from({ length: 60 }, async () => withoutComments(await (await watch(id)).text())),
    )
    expect(new Set(texts).size).toBe(1)
    expect(texts[0]).toContain('event: done')
    expect(await asksForText()).toHaveLength(1)
  })

  test('a viewer who does not read delays no other viewer', async () => {
    const { id } = await start({ prompt: 'Count to 100' })
    const idle = await watch(id)
    await runTo(id, 'done')
    expect(textOf(await readEvents(idle))).toBe((await detail(id)).output.text)
  })

  test('a silent event stream sends a heartbeat at least every ten seconds', async () => {
    await setFault('stream_stalls')
    const { id } = await start()
    const reader = (await watch(id)).body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const since = Date.now()
    while (!text.includes('\n: ') && Date.now() - since < 10_000)
      text += (await reader?.read())?.value ?? ''
    expect(text).toMatch(/\n: /)
    await reader?.cancel()
  })
})

describe('stopping a run', () => {
  test('stopping a run closes the request at the home within a second, keeps the text, and can be repeated', async () => {
    const { id } = await start({ prompt: 'Count to 3000' })
    const events = watch(id).then(readEvents)
    await vi.waitFor(async () => expect((await detail(id)).output.text).toContain('5'))
    const stoppedAt = Date.now()
    expect(await stop(id)).toEqual({ state: 'stopped' })
    await vi.waitFor(async () => expect((await asksForText())[0]?.endedBy).toBe('client_left'), {
      interval: 20,
    })
    expect(Date.now() - stoppedAt).toBeLessThan(1000)
    expect(await stop(id)).toEqual({ state: 'stopped' })
    expect((await events).at(-1)?.event).toBe('stopped')
    expect((await detail(id)).output.text).toMatch(/^1 2 3/)
  })

  test('a run can be stopped while its model loads', async () => {
    const { id } = await start({ model: 'mistral:latest', prompt: 'Hi' })
    await vi.waitFor(async () => expect(await asksForText()).toHaveLength(1))
    await stop(id)
    await vi.waitFor(
      async () => expect((await asksForText())[0]?.endedBy).toBe('client_left'),
      1000,
    )
  })
})

describe('stopping while the prompt is read', () => {
  const reading = async () => (await (await worker('/api/queue')).json<QueueState>()).reading

  test('stopping while the home evaluates the prompt shows that the home is still busy, and when it is free again', async () => {
    // The simulator reads some 8,000 tokens a second.
    const { id } = await start({ prompt: 'word '.repeat(16_000) })
    const events = watch(id).then(readEvents)
    await new Promise((resume) => setTimeout(resume, 1000))
    await stop(id)
    expect((await events).slice(-2)).toMatchObject([
      { event: 'notice', data: { code: 'stopped_while_reading' } },
      { event: 'stopped' },
    ])
    expect(await reading()).toMatchObject({ model: MODEL })
    await vi.waitFor(async () => expect(await reading()).toBeNull(), {
      timeout: 10_000,
      interval: 100,
    })
    await runTo((await start({ prompt: 'Count to 3' })).id, 'done')
  })
})

describe('the queue', () => {
  test('the queue runs one run at a time, reports each place, and drops stopped runs', async () => {
    const first = await start({ prompt: 'Count to 3000' })
    const second = await start({ prompt: 'Count to 3' })
    const third = await start({ prompt: 'Count to 4' })
    expect([second, third].map(({ state, place }) => [state, place])).toEqual([
      ['queued', 1],
      ['queued', 2],
    ])
    await vi.waitFor(async () => expect(await asksForText()).toHaveLength(1))
    const thirdEvents = watch(third.id).then(readEvents)
    await stop(second.id)
    await stop(first.id)
    const places = (await thirdEvents).flatMap(({ event, data }) =>
      event === 'phase' && data.phase === 'queued' ? data.place : [],
    )
    expect(places).toEqual([2, 1])
    expect((await detail(third.id)).state).toBe('done')
    const prompts = (await asksForText()).map(
      ({ body }) => (JSON.parse(body) as { prompt: string }).prompt,
    )
    expect(prompts).toEqual(['Count to 3000', 'Count to 4'])
  })

  test('/api/llm/generate uses the same queue as runs', async () => {
    const { id } = await start({ prompt: 'Count to 3000' })
    const answer = worker('/api/llm/generate', post({ model: MODEL, prompt: 'Count to 3' }))
    await new Promise((resume) => setTimeout(resume, 200))
    expect(await asksForText()).toHaveLength(1)
    await stop(id)
    expect(await (await answer).text()).toContain('"done":true')
    await runTo((await start({ prompt: 'Count to 3' })).id, 'done')
  })

  test('a client that disconnects from /api/llm/generate leaves the queue', async () => {
    const response = await worker(
      '/api/llm/generate',
      post({ model: MODEL, prompt: 'Count to 3000' }),
    )
    const reader = response.body?.getReader()
    await reader?.read()
    const { id, state } = await start({ prompt: 'Count to 3' })
    expect(state).toBe('queued')
    await reader?.cancel()
    await runTo(id, 'done')
  })

  test('a full queue refuses further runs', async () => {
    await start({ prompt: 'Count to 3000' })
    for (let nth = 0; nth < 50; nth++) await start({ prompt: 'Count to 3' })
    const response = await worker('/api/runs', post({ model: MODEL, prompt: 'Hi' }))
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '10'])
  })
})

const withoutComments = (text: string) => text.replaceAll(/^:[^\n]*\n\n/gm, '')

/** Reads the events of a run over a connection that keeps breaking at random bytes; incomplete events are discarded. */
async function cutAnywhere(id: string): Promise<{ text: string; cuts: number }> {
  let whole = ''
  for (let cuts = 0; ; cuts++) {
    const after = whole.match(/^id: \d+$/gm)?.length ?? 0
    const { text, isCut } = await readUpTo(await watch(id, after), Math.floor(Math.random() * 800))
    whole += (withoutComments(text).match(/id: [^]*?\n\n/g) ?? []).join('')
    if (!isCut) return { text: whole, cuts }
  }
}

async function readUpTo({ body }: Response, most: number) {
  const reader = (body as ReadableStream<Uint8Array> | null)?.getReader()
  const bytes: number[] = []
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { value: undefined, done: true }
    bytes.push(...(value ?? []))
    const isCut = bytes.length > most
    if (isCut) await reader?.cancel()
    if (isCut || done)
      return { text: new TextDecoder().decode(new Uint8Array(bytes.slice(0, most))), isCut }
  }
}
