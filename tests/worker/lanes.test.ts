import { env } from 'cloudflare:workers'
import { evictDurableObject as evict, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Starter } from '../../src/lib/contract/access.ts'
import type { QueueState } from '../../src/lib/contract/queue.ts'
import { post, reset, worker, portsAt } from '../support/workerd/client.ts'
import {
  MODEL,
  asksForText,
  detail,
  readEvents,
  runTo,
  start,
  stop,
  stopAll,
} from '../support/workerd/runs.ts'

beforeEach(reset)
afterEach(async () => {
  await stopAll()
  await reset()
})

const GUEST: Starter = { lane: 'guest', id: 'share', ticket: 'ticket' }
const home = () => env.HOME.get(env.HOME.idFromName('home'))
const queue = async () => (await worker('/api/queue')).json<QueueState>()

/** A new home object, without any activity of the owner. */
const freshHome = () => env.HOME.get(env.HOME.newUniqueId())

describe('the guest lane', () => {
  test('an owner’s run stops a guest’s run at once, and the guest sees why', async () => {
    const stub = freshHome()
    const guest = await portsAt(stub).runs.start({ model: MODEL, prompt: 'Count to 3000' }, GUEST)
    await vi.waitFor(async () => expect(await asksForText()).toHaveLength(1))
    await vi.waitFor(async () =>
      expect(
        JSON.parse((await portsAt(stub).runs.find(guest?.id ?? '', GUEST)) ?? ''),
      ).toMatchObject({
        output: { text: expect.stringContaining('3') },
      }),
    )
    const askedAt = Date.now()
    const owner = await stub
      .runs()
      .startAndWatch({ model: MODEL, prompt: 'Count to 3' }, { lane: 'owner' }, null)
    const events = await readEvents(new Response(owner?.events))
    const [first] = events.filter(({ event }) => event === 'delta')
    expect(first).toBeDefined()
    expect(Date.now() - askedAt).toBeLessThan(1000)
    const seen = await readEvents(
      new Response(await portsAt(stub).runs.watch(guest?.id ?? '', 0, GUEST, null)),
    )
    expect(seen.slice(-2)).toMatchObject([
      { event: 'notice', data: { code: 'owner_came' } },
      { event: 'interrupted' },
    ])
    expect((await asksForText()).map(({ endedBy }) => endedBy)).toEqual(['client_left', 'answered'])
  })

  test('a guest waits while the owner was recently active, and appears in the queue', async () => {
    await runTo((await start({ prompt: 'Count to 3' })).id, 'done')
    const guest = await portsAt(home()).runs.start({ model: MODEL, prompt: 'Count to 3' }, GUEST)
    expect([guest?.state, guest?.place]).toEqual(['queued', 1])
    expect((await queue()).entries).toMatchObject([
      { id: guest?.id, lane: 'guest', model: MODEL, place: 1 },
    ])
    expect(await stop(guest?.id ?? '')).toEqual({ state: 'stopped' })
    expect((await queue()).entries).toEqual([])
  })

  test('a guest who waited for a minute gets a timeout, and nothing runs', async () => {
    const stub = freshHome()
    await runInDurableObject(stub, (_home, { storage: { sql } }) => {
      const recipe = JSON.stringify({ model: MODEL, prompt: 'Count to 3' })
      const insert =
        'INSERT INTO run (id, state, model, title, recipe, lane, starter, created_at, ended_at, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)'
      sql.exec(insert, 'a', 'done', MODEL, '', recipe, 'owner', 'owner', Date.now(), Date.now())
      sql.exec(
        insert,
        'b',
        'queued',
        MODEL,
        '',
        recipe,
        'guest',
        'guest:share:ticket',
        Date.now() - 59_000,
        null,
      )
    })
    await evict(stub)
    const events = await readEvents(
      new Response(await portsAt(stub).runs.watch('b', 0, GUEST, null)),
    )
    expect(events.at(-1)).toMatchObject({
      event: 'failed',
      data: { problem: { code: 'limit', status: 429 } },
    })
    expect(await asksForText()).toEqual([])
  })

  test('a guest is refused when five guests wait already', async () => {
    await start({ prompt: 'Count to 3000' })
    for (let nth = 0; nth < 5; nth++)
      expect(await portsAt(home()).runs.start({ model: MODEL, prompt: 'Hi' }, GUEST)).not.toBeNull()
    expect(await portsAt(home()).runs.start({ model: MODEL, prompt: 'Hi' }, GUEST)).toBeNull()
    await start({ prompt: 'Hi' })
  })
})

describe('the number of parallel requests', () => {
  const change = (atOnce: unknown) => worker('/api/queue', { ...post({ atOnce }), method: 'PUT' })
  afterEach(() => change(1))

  test('the owner sets how many requests run in parallel, and the setting is stored', async () => {
    expect(await queue()).toEqual({ atOnce: 1, entries: [], reading: null })
    for (const prompt of ['Count to 3000', 'Count to 2000', 'Count to 1000'])
      await start({ prompt })
    expect((await (await change(2)).json<QueueState>()).entries.map(({ place }) => place)).toEqual([
      0, 0, 1,
    ])
    await vi.waitFor(async () => expect(await asksForText()).toHaveLength(2))
    await stopAll()
    await evict(home())
    expect((await queue()).atOnce).toBe(2)
  })

  test.each([0, 17, 1.5, '2', null])('parallel requests cannot be set to %s', async (atOnce) => {
    expect((await change(atOnce)).status).toBe(422)
  })
})

describe('requests outside of runs', () => {
  test('a waiting request leaves the queue when its client disconnects', async () => {
    const { id } = await start({ prompt: 'Count to 3000' })
    await vi.waitFor(async () => expect(await asksForText()).toHaveLength(1))
    const leave = new AbortController()
    const answer = worker('/api/llm/generate', {
      ...post({ model: MODEL, prompt: 'Count to 3' }),
      signal: leave.signal,
    })
    answer.catch(() => undefined)
    await vi.waitFor(async () =>
      expect((await queue()).entries).toMatchObject([
        { id, place: 0 },
        { id: null, lane: 'owner', place: 1 },
      ]),
    )
    const next = await start({ prompt: 'Count to 3' })
    expect(next.place).toBe(2)
    leave.abort()
    await vi.waitFor(
      async () => expect((await queue()).entries.map((entry) => entry.id)).toEqual([id, next.id]),
      3000,
    )
    await stop(id)
    await runTo(next.id, 'done')
    expect(await asksForText()).toHaveLength(2)
    expect((await detail(id)).state).toBe('stopped')
  })
})

test('a stranger sees nothing of the queue', async () => {
  for (const method of ['GET', 'PUT'])
    expect((await worker('/api/queue', { method, headers: { Via: 'x' } })).status).toBe(401)
})
