import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ModelList } from '../../src/lib/contract/llm.ts'
import type { Problem } from '../../src/lib/contract/problem.ts'
import type { QueueState } from '../../src/lib/contract/queue.ts'
import type { Loaded, WarmUp } from '../../src/lib/contract/warmth.ts'
import { LoadTimes } from '../../worker/models/load-times.ts'
import { asked, homeUrl, post, reset, setFault, worker } from '../support/workerd/client.ts'
import {
  MODEL,
  asksForText,
  readEvents,
  runTo,
  start,
  stop,
  stopAll,
  watch,
} from '../support/workerd/runs.ts'

const COLD = 'mistral:latest'

beforeEach(reset)
afterEach(async () => {
  await worker('/api/warm', { method: 'DELETE' })
  await stopAll()
  await reset()
})

const warm = (body: object = { model: COLD }) => worker('/api/warm', post(body))
const loaded = async () => (await worker('/api/loaded')).json<Loaded>()
const untilState = (state: WarmUp['state']) =>
  vi.waitFor(async () => expect((await loaded()).warmUp?.state).toBe(state), {
    timeout: 5000,
    interval: 50,
  })

describe('warm-ups', () => {
  test('a warm-up continues after its client disconnects, and shows its progress', async () => {
    const response = await warm({ model: COLD, keep_alive: '10m', options: { num_ctx: 2048 } })
    expect(response.status).toBe(202)
    expect(await response.json<WarmUp>()).toMatchObject({
      model: COLD,
      state: 'loading',
      place: 0,
      problem: null,
    })
    await untilState('loaded')
    const { models, warmUp } = await loaded()
    expect(warmUp?.ms).toBeGreaterThan(250)
    const entry = models?.find(({ name }) => name === COLD)
    expect(entry).toMatchObject({ contextLength: 2048, gpuShare: 1 })
    expect(Date.parse(entry?.expiresAt ?? '') - Date.now()).toBeGreaterThan(9 * 60_000)
    const [ask, ...more] = await asksForText()
    expect(JSON.parse(ask?.body ?? '')).toMatchObject({
      model: COLD,
      prompt: '',
      keep_alive: '10m',
      stream: false,
    })
    expect(more).toEqual([])
  })

  test('a warm-up waits behind a run', async () => {
    const { id } = await start({ prompt: 'Count to 3000' })
    expect(await (await warm()).json<WarmUp>()).toMatchObject({
      state: 'queued',
      place: 1,
      askedAt: null,
    })
    expect((await (await worker('/api/queue')).json<QueueState>()).entries[1]).toMatchObject({
      id: null,
      model: COLD,
    })
    await stop(id)
    await untilState('loaded')
  })

  test('one warm-up runs at a time, and the same model joins it', async () => {
    await warm()
    expect((await warm()).status).toBe(202)
    expect((await warm({ model: MODEL })).status).toBe(429)
    await untilState('loaded')
    expect(await asksForText()).toHaveLength(1)
  })

  test('a warm-up can be stopped, which frees the queue', async () => {
    await warm()
    await vi.waitFor(async () => expect(await asksForText()).toHaveLength(1))
    expect((await worker('/api/warm', { method: 'DELETE' })).status).toBe(204)
    expect((await loaded()).warmUp?.state).toBe('stopped')
    await vi.waitFor(
      async () => expect((await asksForText())[0]?.endedBy).toBe('client_left'),
      1000,
    )
    await runTo((await start({ prompt: 'Count to 3' })).id, 'done')
  })

  test.each([
    ['out_of_memory', 'out_of_memory'],
    ['load_failed', 'load_failed'],
    ['refused', 'nothing_listens_here'],
  ] as const)('a warm-up that fails names the reason: %s', async (fault, reason) => {
    await setFault(fault)
    await warm()
    await untilState('failed')
    expect((await loaded()).warmUp?.problem).toMatchObject({ code: 'home', reason })
  })

  test(
    'a tunnel timeout during a warm-up is named, with whether the home is still loading',
    { timeout: 30_000 },
    async () => {
      await setFault('cold_load_524')
      await warm()
      await untilState('watching')
      expect(await asksForText()).toHaveLength(1)
      await setFault(null)
      // The home does not know about the timeout and continues to load.
      await fetch(`${homeUrl}/api/generate`, post({ model: COLD, stream: false }))
      await vi.waitFor(async () => expect((await loaded()).warmUp?.state).toBe('loaded'), {
        timeout: 15_000,
        interval: 500,
      })
      expect((await asked()).filter(({ path }) => path.startsWith('/api/ps')).length).toBeLessThan(
        40,
      )
    },
  )
})

describe('unloading models', () => {
  test('unloading removes the model from the home’s memory', async () => {
    expect((await loaded()).models?.map(({ name }) => name)).toContain(MODEL)
    expect((await worker('/api/unload', post({ model: MODEL }))).status).toBe(204)
    await vi.waitFor(async () => expect((await loaded()).models).toEqual([]))
  })

  test('a failed unload names the reason', async () => {
    const response = await worker('/api/unload', post({ model: 'nothing:latest' }))
    expect([response.status, (await response.json<Problem>()).cause]).toEqual([
      404,
      'model_missing',
    ])
  })
})

describe('load times', () => {
  const listed = async (name: string) =>
    (await (await worker('/api/llm/models')).json<ModelList>()).models.find(
      (model) => model.name === name,
    )

  test('load times are learned from warm-ups and runs, and estimated by size for other models', async () => {
    await warm()
    await untilState('loaded')
    const { coldMs, mayExceed } = (await listed(COLD)) ?? {}
    expect(coldMs).toBeGreaterThan(250)
    expect(coldMs).toBeLessThan(3000)
    expect(mayExceed).toBe(false)
    expect((await listed('codellama:7b'))?.coldMs).toBeGreaterThan(100)
  })

  const MODEL_A = { model: 'a', digest: 'A', size: 10e9 }
  const withLoads = (hasLimit: boolean, told: (loads: LoadTimes) => void) =>
    runInDurableObject(env.HOME.get(env.HOME.newUniqueId()), (_home, { storage: { sql } }) =>
      told(new LoadTimes(sql, 'https://home.example', hasLimit)),
    )

  test('a load time is unknown at first, and then the median of the last five', () =>
    withLoads(true, (loads) => {
      expect(loads.outlook(MODEL_A)).toEqual({ coldMs: null, mayExceed: false })
      for (const ms of [90_000, 20_000, 21_000, 22_000, 500, 60_000]) loads.add(MODEL_A, ms, true)
      expect(loads.outlook(MODEL_A)).toEqual({ coldMs: 21_000, mayExceed: false })
      expect(loads.outlook({ model: 'b', digest: 'A', size: null }).coldMs).toBe(21_000)
      expect(loads.outlook({ model: 'c', digest: 'C', size: 50e9 })).toEqual({
        coldMs: 105_000,
        mayExceed: true,
      })
    }))

  test('a load can exceed the limit only behind a tunnel that has one', () =>
    withLoads(false, (loads) => {
      loads.add(MODEL_A, 200_000, true)
      expect(loads.outlook(MODEL_A)).toEqual({ coldMs: 200_000, mayExceed: false })
      loads.add({ ...MODEL_A, digest: 'B' }, 60_000, false)
      expect(loads.outlook(MODEL_A).mayExceed).toBe(true)
    }))

  test('a load that was cut off last time is predicted to be too long', () =>
    withLoads(true, (loads) => {
      loads.add(MODEL_A, 9000, true)
      loads.add(MODEL_A, 100_000, false)
      expect(loads.outlook(MODEL_A)).toEqual({ coldMs: 9000, mayExceed: true })
    }))

  test('old load times are deleted', () =>
    runInDurableObject(env.HOME.get(env.HOME.newUniqueId()), (_home, { storage: { sql } }) => {
      const loads = new LoadTimes(sql, '', true)
      for (let nth = 0; nth < 300; nth++) loads.add(MODEL_A, 1, true)
      expect(sql.exec('SELECT count(*) AS loads FROM model_load').one()).toEqual({ loads: 200 })
    }))

  test('a run of an unloaded model starts with a warning about its load time', async () => {
    const home = env.HOME.get(env.HOME.idFromName('home'))
    const digest = (await listed(COLD))?.digest ?? null
    await runInDurableObject(home, (_home, { storage: { sql } }) =>
      new LoadTimes(sql, homeUrl, false).add({ model: COLD, digest, size: null }, 100_000, false),
    )
    expect((await listed(COLD))?.mayExceed).toBe(true)
    const noticesOf = async (model: string) => {
      const { id } = await start({ model, prompt: 'Count to 3' })
      return (await readEvents(await watch(id))).flatMap(({ event, data }) =>
        event === 'notice' ? data.code : [],
      )
    }
    expect(await noticesOf(COLD)).toEqual(['load_may_exceed_silent_limit'])
    expect(await noticesOf(COLD)).toEqual([])
    await runInDurableObject(
      home,
      (_home, { storage: { sql } }) => void sql.exec('DELETE FROM model_load'),
    )
  })
})

test.each([
  ['GET', '/api/loaded'],
  ['POST', '/api/warm'],
  ['DELETE', '/api/warm'],
  ['POST', '/api/unload'],
])('only the owner may use %s %s', async (method, path) => {
  expect((await worker(path, { method, headers: { Via: 'x' } })).status).toBe(401)
})
