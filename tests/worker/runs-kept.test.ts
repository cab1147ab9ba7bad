import { env } from 'cloudflare:workers'
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Problem } from '../../src/lib/contract/problem.ts'
import type { RunList } from '../../src/lib/contract/runs.ts'
import { asked, post, reset, setFault, worker, portsAt } from '../support/workerd/client.ts'
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

describe('runs at a failing home', () => {
  test.each([
    ['stream_cut', 'cut_midway'],
    ['stream_reset', 'cut_midway'],
    ['stream_ends_early', 'ended_early'],
    ['stream_error_line', 'runner_died'],
    ['stream_garbage_line', 'broken_line'],
  ] as const)(
    '%s in mid-stream fails the run with its reason and keeps the text',
    async (fault, reason) => {
      await setFault(fault)
      const { id } = await start()
      const events = await readEvents(await watch(id))
      expect(events.at(-1)).toMatchObject({
        event: 'failed',
        data: { problem: { code: 'home', reason } },
      })
      const { state, output, failure } = await detail(id)
      expect([state, failure?.reason]).toEqual(['failed', reason])
      expect(output.text).toContain('1 2 3')
      expect(textOf(events)).toBe(output.text)
    },
  )

  test.each([
    ['model_removed', 'model_missing'],
    ['stream_is_an_error', 'ollama_error'],
    ['cloudflared_offline', 'tunnel_down'],
    ['refused', 'connection_failed'],
  ] as const)(
    '%s before the first token fails the run and names the cause',
    async (fault, cause) => {
      await setFault(fault)
      const { id } = await start()
      expect((await readEvents(await watch(id))).at(-1)).toMatchObject({
        event: 'failed',
        data: { problem: { cause } },
      })
    },
  )

  test('a run retries while Ollama’s own queue is full, and says so', async () => {
    await setFault('queue_full')
    const { id } = await start()
    const events = watch(id).then(readEvents)
    await vi.waitFor(async () => expect(await asksForText()).toHaveLength(2), 5000)
    await setFault(null)
    const told = await events
    expect(told.filter(({ event }) => event === 'notice').map(({ data }) => data)).toMatchObject([
      { code: 'home_busy' },
    ])
    const phases = told.flatMap(({ event, data }) => (event === 'phase' ? data.phase : []))
    const sent = phases.filter((phase) => phase === 'connecting' || phase === 'queued')
    expect(sent.slice(0, 3)).toEqual(['connecting', 'queued', 'connecting'])
    expect((await detail(id)).receipt?.ms.queue).toBeGreaterThan(700)
    expect(told.at(-1)?.event).toBe('done')
  })

  test('a run that is stopped while Ollama is full is not retried', async () => {
    await setFault('queue_full')
    const { id } = await start()
    await vi.waitFor(async () => expect(await asksForText()).toHaveLength(1))
    await new Promise((resume) => setTimeout(resume, 100))
    await stop(id)
    await new Promise((resume) => setTimeout(resume, 1500))
    expect(await asksForText()).toHaveLength(1)
    expect((await detail(id)).state).toBe('stopped')
  })

  test.each(['cold_load_524', 'out_of_memory', 'load_failed'] as const)(
    'a run never retries after %s',
    async (fault) => {
      await setFault(fault)
      const { id } = await start()
      await runTo(id, 'failed')
      await new Promise((resume) => setTimeout(resume, 1500))
      expect(await asksForText()).toHaveLength(1)
    },
  )

  test('a 524 during a cold load fails the run with its fix', async () => {
    await setFault('cold_load_524')
    const { id } = await start()
    await runTo(id, 'failed')
    const { failure } = await detail(id)
    expect(failure).toMatchObject({ cause: 'timed_out', reason: 'silent_too_long' })
    expect(failure?.fix?.[0]?.command).toBe(`ollama run ${MODEL} ""`)
  })

  test('a run over a stream that arrives byte by byte is complete', async () => {
    await setFault('stream_split_bytes')
    const { id } = await start()
    await runTo(id, 'done')
    expect((await detail(id)).output.text).toContain('12')
  })
})

describe('a restart of the Durable Object', () => {
  test('a restart interrupts a running run and keeps the text stored so far', async () => {
    const stub = env.HOME.get(env.HOME.newUniqueId())
    await runInDurableObject(stub, (_home, { storage: { sql } }) => {
      const recipe = JSON.stringify({ model: MODEL, prompt: 'Hi' })
      sql.exec(
        "INSERT INTO run (id, state, model, title, recipe, created_at, bytes) VALUES ('a', 'running', ?, 'Hi', ?, 1, 1)",
        MODEL,
        recipe,
      )
      const frame = 'id: 1\nevent: delta\ndata: {"text":"so far","tokens":1}\n\n'
      sql.exec("INSERT INTO run_event (run_id, last, frames) VALUES ('a', 1, ?)", frame)
    })
    await evictDurableObject(stub)
    expect(JSON.parse((await portsAt(stub).runs.find('a', { lane: 'owner' })) ?? '')).toMatchObject(
      {
        state: 'interrupted',
        output: { text: 'so far' },
      },
    )
    const events = await readEvents(
      new Response(await portsAt(stub).runs.watch('a', 0, { lane: 'owner' }, null)),
    )
    expect(events.map(({ seq, event }) => [seq, event])).toEqual([
      [1, 'delta'],
      [2, 'interrupted'],
    ])
  })

  test('a restart continues with a waiting run', async () => {
    const stub = env.HOME.get(env.HOME.newUniqueId())
    await runInDurableObject(stub, (_home, { storage: { sql } }) => {
      const recipe = JSON.stringify({ model: MODEL, prompt: 'Count to 3' })
      sql.exec(
        "INSERT INTO run (id, state, model, title, recipe, created_at, bytes) VALUES ('a', 'queued', ?, 'Hi', ?, 1, 1)",
        MODEL,
        recipe,
      )
      const frame = 'id: 1\nevent: phase\ndata: {"phase":"queued","place":1,"sinceMs":0}\n\n'
      sql.exec("INSERT INTO run_event (run_id, last, frames) VALUES ('a', 1, ?)", frame)
    })
    await evictDurableObject(stub)
    const events = await readEvents(
      new Response(await portsAt(stub).runs.watch('a', 0, { lane: 'owner' }, null)),
    )
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, nth) => nth + 1))
    expect(events.at(-1)?.event).toBe('done')
  })
})

describe('stored runs', () => {
  test('runs are listed newest first, in pages, and found by their words', async () => {
    for (const prompt of ['Count to 3', 'Say zebra', 'Count to 4'])
      await runTo((await start({ prompt })).id, 'done')
    const list = async (query: string) => (await worker(`/api/runs${query}`)).json<RunList>()
    const { runs, next } = await list('?limit=2')
    expect(runs.map(({ title }) => title)).toEqual(['Count to 4', 'Say zebra'])
    expect((await list(`?limit=1&before=${next}`)).runs.map(({ title }) => title)).toEqual([
      'Count to 3',
    ])
    expect((await list('?q=zebra')).runs.map(({ title }) => title)).toEqual(['Say zebra'])
    expect((await list('?q=%25')).runs).toEqual([])
  })

  test('a deleted run is gone', async () => {
    const { id } = await start({ prompt: 'Count to 3000' })
    await vi.waitFor(async () => expect(await asksForText()).toHaveLength(1))
    expect((await worker(`/api/runs/${id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await worker(`/api/runs/${id}`)).status).toBe(404)
    expect((await worker(`/api/runs/${id}`, { method: 'DELETE' })).status).toBe(404)
    await vi.waitFor(
      async () => expect((await asksForText())[0]?.endedBy).toBe('client_left'),
      1000,
    )
  })

  test('the number of stored runs is limited', async () => {
    const stub = env.HOME.get(env.HOME.newUniqueId())
    await runInDurableObject(stub, (_home, { storage: { sql } }) => {
      for (let nth = 0; nth < 600; nth++)
        sql.exec(
          "INSERT INTO run (id, state, model, title, recipe, created_at, ended_at, bytes) VALUES (?, 'done', 'm', 't', '{}', 1, 1, 1)",
          `0${String(nth).padStart(4, '0')}`,
        )
    })
    const started = await stub
      .runs()
      .start({ model: MODEL, prompt: 'Count to 3' }, { lane: 'owner' })
    await new Response(
      await portsAt(stub).runs.watch(started?.id ?? '', 0, { lane: 'owner' }, null),
    ).text()
    await runInDurableObject(stub, (_home, { storage: { sql } }) => {
      expect(sql.exec('SELECT count(*) AS runs FROM run').one()).toEqual({ runs: 500 })
    })
  })
})

describe('refused requests', () => {
  const good = { model: MODEL, prompt: 'Hi' }

  test.each([
    ['an unknown field', { ...good, warmth: 1 }, 'warmth'],
    ['an unknown option', { ...good, options: { warmth: 1 } }, 'options.warmth'],
    [
      'an unknown field of a message',
      { model: MODEL, messages: [{ role: 'user', content: 'Hi', odd: 1 }] },
      'messages.0.odd',
    ],
    [
      'a field that shows hidden prompts',
      { ...good, _debug_render_only: true },
      '_debug_render_only',
    ],
    ['neither prompt nor messages', { model: MODEL }, 'prompt'],
    ['both', { ...good, messages: [{ role: 'user', content: 'Hi' }] }, 'prompt'],
    ['an image with a prefix', { ...good, images: ['data:image/png;base64,AAAA'] }, 'images.0'],
    ['too many logprobs', { ...good, top_logprobs: 21 }, 'top_logprobs'],
  ])('an invalid run is refused with the path of the error: %s', async (_what, body, path) => {
    const response = await worker('/api/runs', post(body))
    expect(response.status).toBe(422)
    expect((await response.json<Problem>()).errors?.map((error) => error.path)).toContain(path)
    expect(await asked()).toEqual([])
  })

  test.each([
    ['GET', '/api/runs/unknown'],
    ['GET', '/api/runs/unknown/events'],
    ['POST', '/api/runs/unknown/stop'],
    ['DELETE', '/api/runs/unknown'],
  ])('%s %s of an unknown run is a 404', async (method, path) => {
    const response = await worker(path, { method })
    expect([response.status, response.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json',
    ])
  })

  test.each([
    ['POST', '/api/runs'],
    ['GET', '/api/runs'],
    ['GET', '/api/runs/a'],
    ['DELETE', '/api/runs/a'],
    ['GET', '/api/runs/a/events'],
    ['POST', '/api/runs/a/stop'],
  ])('a stranger may not use %s %s', async (method, path) => {
    expect((await worker(path, { method, headers: { Via: 'x' } })).status).toBe(401)
  })

  test('a wrong method is refused with the allowed ones', async () => {
    const response = await worker('/api/runs/a/stop')
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })
})
