import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Starter } from '../../src/lib/contract/access.ts'
import { Queue } from '../../worker/runs/queue.ts'
import { RunStore } from '../../worker/runs/run-store.ts'
import { Runs, type GuestEnd } from '../../worker/runs/runs.ts'
import { SettingsStore } from '../../worker/settings/store.ts'
import { ShareService } from '../../worker/shares/service.ts'
import { GuestRuns } from '../../worker/shares/guest-runs.ts'
import { readConfig } from '../../worker/config.ts'
import { asked, homeUrl, reset, worker } from '../support/workerd/client.ts'
import {
  expire,
  guestHeaders,
  home,
  knock,
  listed,
  open,
  ownerIsAway,
  rerun,
  share,
  type Link,
} from '../support/workerd/share-links.ts'
import { detail, readEvents, start, stopAll, MODEL } from '../support/workerd/runs.ts'

beforeEach(reset)
afterEach(async () => {
  await stopAll()
  await reset()
})

const SSE = { Accept: 'text/event-stream' }
const LONG = { prompt: 'Count to 9000' }

/** Starts a guest's run that is streaming. */
async function watched() {
  const link = await share({ pass: { editable: ['prompt'], maxTokens: 4096 } })
  const { ticket } = await open(link)
  await ownerIsAway()
  const response = await rerun(link.id, ticket, LONG, SSE)
  const id = response.headers.get('location')?.split('/').at(-1) ?? ''
  await vi.waitFor(async () => expect((await detail(id)).output.text).toContain('1 2'), 5000)
  return { link, ticket, id, response }
}

describe('while a guest’s run streams', () => {
  test.each([
    [
      'the ticket',
      ({ storage: { sql } }: DurableObjectState) =>
        void sql.exec('UPDATE ticket SET expires_at = 1'),
    ],
    [
      'the share',
      ({ storage: { sql } }: DurableObjectState) =>
        void sql.exec('UPDATE share SET expires_at = 1'),
    ],
  ])(
    'the end of %s ends the guest’s stream within ten seconds, and the run continues',
    async (_what, end) => {
      const { id, ticket, response } = await watched()
      const at = Date.now()
      await runInDurableObject(home(), (_home, ctx) => end(ctx))
      const events = await readEvents(new Response(response.body))
      expect(Date.now() - at).toBeLessThan(10_000)
      expect(events.at(-1)?.event).toBe('delta')
      for (const path of [`/api/runs/${id}`, `/api/runs/${id}/events`])
        expect((await worker(path, { headers: guestHeaders(ticket) })).status).toBe(401)
      expect((await detail(id)).state).toBe('running')
    },
  )

  test('the owner’s run ends a guest’s run, which shows why and is not counted', async () => {
    const { link, response } = await watched()
    expect((await listed(link.id))?.pass?.runsLeft).toBe(2)
    await start({ prompt: 'Count to 3' })
    const events = await readEvents(new Response(response.body))
    expect(events.slice(-2)).toMatchObject([
      { event: 'notice', data: { code: 'owner_came' } },
      { event: 'interrupted' },
    ])
    expect((await listed(link.id))?.pass?.runsLeft).toBe(3)
  })
})

describe('with GUESTS_ENABLED=0', () => {
  const config = readConfig({ OLLAMA_URL: homeUrl, GUESTS_ENABLED: '0' })
  /** The configuration of a server with GUESTS_ENABLED=0. */
  const sharingOf = (sql: SqlStorage) =>
    new ShareService(
      sql,
      config,
      new RunStore(sql, new SettingsStore(sql)),
      () => ({}) as unknown as Runs,
    )

  test('with GUESTS_ENABLED=0 a link can be read and runs nothing', async () => {
    const link = await share({ pass: {} })
    const { ticket } = await open(link)
    await reset()
    await runInDurableObject(home(), async (_home, { storage: { sql } }) => {
      const sharing = sharingOf(sql)
      const hash = sql
        .exec<{ hash: string }>('SELECT hash FROM share WHERE id = ?', link.id)
        .one().hash
      const opened = sharing.open({ id: link.id, hash, session: 'a', network: 'b' }) as {
        view: string
      }
      expect(JSON.parse(opened.view)).toMatchObject({
        id: link.id,
        pass: null,
        runs: [{ recipe: { model: MODEL } }],
      })
      expect(sharing.runsLeft(link.id)).toBe(0)
      expect(await sharing.start(link.id, ticket, { run: 0 }, 'click')).toMatchObject({
        problem: { code: 'forbidden' },
      })
    })
    expect(await asked()).toEqual([])
  })

  test.each(['queued', 'running'])(
    'with GUESTS_ENABLED=0 a guest’s run left %s is not executed, and its use is refunded',
    async (state) => {
      const link = await share({ pass: { runs: 3 } })
      await reset()
      await runInDurableObject(home(), async (_home, { storage: { sql } }) => {
        const store = new RunStore(sql, new SettingsStore(sql))
        const guestRuns = new GuestRuns(sql)
        const id = `left-${state}`
        store.add(
          id,
          state as 'queued',
          { model: MODEL, prompt: 'x' },
          { lane: 'guest', id: link.id, ticket: 't' },
          Date.now(),
        )
        guestRuns.consume(link.id, Date.now())
        guestRuns.record(link.id, 'click', id)
        const ends: GuestEnd[] = []
        const needs = {
          config,
          queue: new Queue(1),
          onGuestEnded: (end: GuestEnd) => ends.push(end),
        }
        const runs = new Runs(needs as never, store, () => undefined)
        expect(runs.isBusy).toBe(false)
        expect(ends).toMatchObject([{ id, how: 'interrupted' }])
        expect(store.stateOf(id)).toBe('interrupted')
        sharingOf(sql).guestRunEnded(ends[0] as GuestEnd)
        store.remove(id)
      })
      expect((await listed(link.id))?.pass?.runsLeft).toBe(3)
      expect(await asked()).toEqual([])
    },
  )
})

describe('content that a link hides', () => {
  const SECRET = 'canary-of-what-is-hidden'
  const ownRun = async (link: Link, body: object = {}) => {
    const { ticket } = await open(link)
    await ownerIsAway()
    const response = await rerun(link.id, ticket, body, SSE)
    const told = await response.text()
    const kept = await worker(response.headers.get('location') ?? '', {
      headers: guestHeaders(ticket),
    })
    return { told, kept: await kept.text() }
  }

  test('a guest’s own run shows no figures if the link hides them', async () => {
    const { told, kept } = await ownRun(await share({ pass: {}, show: { stats: false } }))
    expect(told).toContain('"receipt":null')
    expect(kept).toContain('"receipt":null')
    expect(told + kept).not.toMatch(/"rate"|"optionsSent"/)
  })

  test('a system message in last place never becomes the run’s title', async () => {
    const messages = [
      { role: 'user', content: 'Count to 3' },
      { role: 'system', content: SECRET },
    ]
    const { told, kept } = await ownRun(await share({ pass: {} }, { messages }))
    expect(told + kept).not.toContain(SECRET)
  })
})

test('a used-up link sends nothing to the home, however often it is tried', async () => {
  const link = await share({ pass: { runs: 1 } })
  const { ticket } = await open(link)
  await ownerIsAway()
  expect(await (await rerun(link.id, ticket, {}, SSE)).text()).toContain('event: done')
  await reset()
  vi.useFakeTimers({ now: Date.now() + 120_000, toFake: ['Date'] })
  const again = await rerun(link.id, ticket)
  vi.useRealTimers()
  expect(again.status).toBe(429)
  expect(await asked()).toEqual([])
})

test('only the owner can reopen an expired link, by extending it', async () => {
  const link = await share()
  await expire(link.id)
  expect((await knock(link.id, link.secret)).status).toBe(410)
  const change = {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json' },
    body: '{"expiresInDays":7}',
  }
  expect((await worker(`/api/shares/${link.id}`, change)).status).toBe(204)
  expect((await knock(link.id, link.secret)).status).toBe(200)
})

describe('a malicious guest', () => {
  test('a guest’s failing runs displace at most twenty of the owner’s stored runs', async () => {
    await runInDurableObject(
      env.HOME.get(env.HOME.newUniqueId()),
      (_home, { storage: { sql } }) => {
        const settings = new SettingsStore(sql)
        settings.write('kept', { runs: 60, megabytes: 1 })
        const store = new RunStore(sql, settings)
        const add = (id: string, starter: Starter) => {
          store.add(id, 'running', { model: MODEL, prompt: 'x' }, starter, 1)
          store.end(id, {
            state: 'failed',
            endedAt: 2,
            output: { text: '', thinking: '', toolCalls: [] },
          })
        }
        for (let nth = 100; nth < 160; nth++) add(`${nth}`, { lane: 'owner' })
        for (let nth = 200; nth < 700; nth++) add(`${nth}`, { lane: 'guest', id: 'a', ticket: 'b' })
        const kept = sql
          .exec<{ lane: string; n: number }>('SELECT lane, count(*) AS n FROM run GROUP BY lane')
          .toArray()
        expect(kept).toEqual([
          { lane: 'guest', n: 20 },
          { lane: 'owner', n: 40 },
        ])
        expect(store.stateOf('699')).toBe('failed')
      },
    )
  })

  test('a guest gets a hundred refunds for failed runs, and then failed runs count', async () => {
    const link = await share({ pass: { runs: 2 } })
    await runInDurableObject(home(), (_home, { storage: { sql } }) => {
      const guestRuns = new GuestRuns(sql)
      const used = () => {
        for (let nth = 0; ; nth++) {
          if (!guestRuns.consume(link.id, Date.now())) return nth
          guestRuns.record(link.id, `${nth}`, `nothing-${nth}`)
          guestRuns.refund(`nothing-${nth}`)
          guestRuns.refund(`nothing-${nth}`)
        }
      }
      expect(used()).toBe(102)
    })
  })

  test('a guest who is refused because five wait causes no database write', async () => {
    const link = await share({ pass: { runs: 100 } })
    const { ticket } = await open(link)
    for (let nth = 0; nth < 5; nth++) expect((await rerun(link.id, ticket)).status).toBe(201)
    const written = async () =>
      (await (await worker('/api/monitor')).json<{ today: { rowsWritten: number } }>()).today
        .rowsWritten
    // The events of the waiting runs are written a moment later.
    let before = await written()
    await vi.waitFor(async () => expect(before).toBe((before = await written())), {
      interval: 300,
      timeout: 5000,
    })
    for (let nth = 0; nth < 5; nth++) expect((await rerun(link.id, ticket)).status).toBe(429)
    expect(await written()).toBe(before)
    expect((await listed(link.id))?.pass?.runsLeft).toBe(95)
  })
})
