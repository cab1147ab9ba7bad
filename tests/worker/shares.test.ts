import { runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { RunList } from '../../src/lib/contract/runs.ts'
import { readConfig } from '../../worker/config.ts'
import { ShareService } from '../../worker/shares/service.ts'
import { asked, post, reset, setFault, worker } from '../support/workerd/client.ts'
import {
  expire,
  finishedRun,
  guestHeaders,
  home,
  knock,
  listed,
  open,
  ownerIsAway,
  rerun,
  revoke,
  share,
} from '../support/workerd/share-links.ts'
import { MODEL, asksForText, detail, readEvents, start, stopAll } from '../support/workerd/runs.ts'

beforeEach(reset)
afterEach(async () => {
  await stopAll()
  await reset()
})

const canary = 'canary-of-the-system-prompt'

describe('shares', () => {
  test('a share has a public id and a 160-bit secret in the fragment, and stores neither secret nor ticket', async () => {
    const link = await share()
    expect(link.id).toMatch(/^[a-z2-7]{10}$/)
    expect(link.secret).toMatch(/^[\w-]{27}$/)
    const { ticket } = await open(link)
    await runInDurableObject(home(), (_home, { storage: { sql } }) => {
      const kept = JSON.stringify(
        ['share', 'ticket'].map((table) => sql.exec(`SELECT * FROM ${table}`).toArray()),
      )
      expect(kept).not.toContain(link.secret)
      expect(kept).not.toContain(ticket)
    })
  })

  test('a share shows the run as it was, even after the run is deleted', async () => {
    const run = await finishedRun()
    const { url, id } = await (
      await worker('/api/shares', post({ runs: [run] }))
    ).json<{ id: string; url: string }>()
    expect((await worker(`/api/runs/${run}`, { method: 'DELETE' })).status).toBe(204)
    const { share: seen } = await open({ id, secret: new URL(url).hash.slice(1) })
    expect(seen.runs[0]).toMatchObject({
      recipe: { model: MODEL, prompt: 'Count to 3' },
      receipt: { model: MODEL },
    })
    expect(seen.runs[0]?.output.text).toContain('1 2 3')
  })

  test.each([
    [{ system: false, stats: false }, false],
    [{ system: true, stats: true }, true],
  ])('a share contains what %j allows and nothing else', async (show, isShown) => {
    const link = await share({ show }, { prompt: 'Count to 3', system: canary })
    const { share: seen } = await open(link)
    expect(JSON.stringify(seen).includes(canary)).toBe(isShown)
    expect(seen.runs[0]?.receipt !== null).toBe(isShown)
    await runInDurableObject(home(), (_home, { storage: { sql } }) => {
      const kept = JSON.stringify(sql.exec('SELECT * FROM share WHERE id = ?', link.id).toArray())
      expect(kept.includes(canary)).toBe(isShown)
    })
  })

  test('a share of an unfinished or unknown run is refused', async () => {
    const { id } = await start({ prompt: 'Count to 3000' })
    expect((await worker('/api/shares', post({ runs: [id] }))).status).toBe(409)
    expect((await worker('/api/shares', post({ runs: ['none'] }))).status).toBe(404)
    expect((await worker('/api/shares', post({ runs: [id], expiresInDays: 91 }))).status).toBe(422)
  })

  test('only the owner creates, lists, changes and revokes shares', async () => {
    const link = await share({ pass: {} })
    const { ticket } = await open(link)
    for (const headers of [{ Via: 'x' }, guestHeaders(ticket)] as Record<string, string>[]) {
      const answers = await Promise.all([
        worker('/api/shares', { headers }),
        worker('/api/shares', post({ runs: ['a'] }, headers)),
        worker(`/api/shares/${link.id}`, { ...post({ title: 'x' }, headers), method: 'PATCH' }),
        worker(`/api/shares/${link.id}`, { method: 'DELETE', headers }),
      ])
      expect(answers.every(({ status }) => status === 401 || status === 403)).toBe(true)
    }
  })

  test('a share is listed with its use and can be changed', async () => {
    const link = await share({ pass: { runs: 2 } })
    await open(link)
    const change = post({ expiresInDays: 30, pass: { runs: 5 }, title: 'Retry\u202e\u200bing' })
    expect((await worker(`/api/shares/${link.id}`, { ...change, method: 'PATCH' })).status).toBe(
      204,
    )
    const info = await listed(link.id)
    expect(info).toMatchObject({
      opens: 1,
      label: 'Count to 3',
      title: 'Retrying',
      pass: { runsLeft: 5 },
    })
    expect(Date.parse(info?.expiresAt ?? '') - Date.now()).toBeGreaterThan(29 * 86_400_000)
  })
})

describe('links that do not open', () => {
  /** A link of each kind, and one that never existed. */
  async function kinds() {
    const links = {
      live: await share({ pass: {} }, { prompt: 'Count to 3 '.repeat(500) }),
      expired: await share(),
      revoked: await share(),
      exhausted: await share({ pass: { runs: 1 } }),
    }
    await expire(links.expired.id)
    await revoke(links.revoked.id)
    const { ticket } = await open(links.exhausted)
    expect((await rerun(links.exhausted.id, ticket)).status).toBe(201)
    expect((await rerun(links.exhausted.id, ticket)).status).toBe(429)
    return { ...links, unknown: { id: 'aaaaaaaaaa', secret: '' } }
  }
  const WRONG = 'A'.repeat(27)

  test('unknown, expired and revoked links have identical responses until the secret is right', async () => {
    const links = await kinds()
    const answers = await Promise.all(
      Object.values(links).map(async ({ id }) => {
        const response = await knock(id, WRONG)
        const headers = [...response.headers].filter(([name]) => name !== 'date').sort()
        return JSON.stringify([response.status, await response.text(), headers])
      }),
    )
    expect(answers[0]).toContain('404')
    expect(new Set(answers).size).toBe(1)
    for (const [link, status, word] of [
      [links.expired, 410, /expired/],
      [links.revoked, 410, /revoked/],
      [links.exhausted, 200, /"runsLeft":0/],
    ] as const) {
      const response = await knock(link.id, link.secret)
      expect(response.status).toBe(status)
      expect(await response.text()).toMatch(word)
    }
  })

  test('a link that does not open costs the same reads whatever the reason, and writes nothing', async () => {
    const links = await kinds()
    await runInDurableObject(home(), (_home, { storage: { sql } }) => {
      let looks: [query: string, read: number, written: number][] = []
      const exec: SqlStorage['exec'] = (query: string, ...bindings: unknown[]) => {
        const cursor = sql.exec<never>(query, ...bindings)
        const toArray = () => {
          const rows = cursor.toArray()
          looks.push([query, cursor.rowsRead, cursor.rowsWritten])
          return rows
        }
        return new Proxy(cursor, {
          get: (at, key): unknown => (key === 'toArray' ? toArray : Reflect.get(at, key)),
        })
      }
      const watched = new Proxy(sql, {
        get: (at, key): unknown => (key === 'exec' ? exec : Reflect.get(at, key, at)),
      })
      const sharing = new ShareService(watched, readConfig({}), {} as never, () => ({}) as never)
      const work = Object.values(links).map(({ id }, nth) => {
        looks = []
        expect(sharing.open({ id, hash: 'f'.repeat(64), session: '', network: `${nth}` })).toBe(
          'wrong',
        )
        return JSON.stringify(looks)
      })
      expect(looks).toEqual([
        [expect.stringContaining('FROM share WHERE hash'), expect.any(Number), 0],
      ])
      expect(new Set(work).size).toBe(1)
    })
  })

  test('wrong secrets are rate limited without locking out the right one', async () => {
    const link = await share()
    const statuses = []
    for (let nth = 0; nth < 25; nth++) statuses.push((await knock(link.id, 'B'.repeat(27))).status)
    expect(statuses.at(0)).toBe(404)
    expect(statuses.at(-1)).toBe(429)
    expect((await knock(link.id, link.secret)).status).toBe(200)
  })

  test('opening a link is rate limited, so that tickets cannot fill the database', async () => {
    const link = await share()
    const from = (address: string) => knock(link.id, link.secret, { 'X-Forwarded-For': address })
    const statuses = []
    for (let nth = 0; nth < 31; nth++) statuses.push((await from('10.7.7.7')).status)
    expect([statuses.at(29), statuses.at(30)]).toEqual([200, 429])
    expect((await from('10.8.8.8')).status).toBe(200)
  })
})

describe('bots and link previews', () => {
  test.each([
    'Slackbot-LinkExpanding 1.0',
    'facebookexternalhit/1.1',
    'Twitterbot/1.0',
    'WhatsApp/2.23',
  ])(
    'a visit of %s writes nothing, counts nothing and sends nothing to the home',
    async (agent) => {
      const link = await share(
        { pass: {}, title: 'Public words' },
        { prompt: 'Count to 3', system: canary },
      )
      await reset()
      const rows = () =>
        runInDurableObject(home(), (_home, { storage: { sql } }) => {
          const tables = ['share', 'ticket', 'guest_run', 'run', 'run_event', 'session', 'home']
          return JSON.stringify(tables.map((table) => sql.exec(`SELECT * FROM ${table}`).toArray()))
        })
      const before = await rows()
      for (const method of ['GET', 'HEAD']) {
        const response = await worker(`/s/${link.id}`, { method, headers: { 'User-Agent': agent } })
        expect(response.status).toBe(200)
        expect(response.headers.get('x-robots-tag')).toContain('noindex')
        expect(response.headers.get('cache-control')).toContain('no-store')
        expect(response.headers.get('referrer-policy')).toBe('no-referrer')
        expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
        const text = await response.text()
        expect(text).not.toMatch(/Count to 3|canary/)
        if (method === 'GET') expect(text).toContain('Public words')
      }
      expect(await rows()).toBe(before)
      expect(await asked()).toEqual([])
    },
  )

  test('the page of an unknown link looks like that of a link without a title', async () => {
    const link = await share()
    const [known, unknown] = await Promise.all(
      [link.id, 'aaaaaaaaaa'].map(async (id) =>
        (await (await worker(`/s/${id}`)).text()).replaceAll(id, ''),
      ),
    )
    expect(known).toBe(unknown)
  })
})

describe('guest passes', () => {
  test('a pass allows no more runs than it states, even with many at once', async () => {
    const link = await share({ pass: { runs: 3 } })
    const { ticket } = await open(link)
    const answers = await Promise.all(Array.from({ length: 10 }, () => rerun(link.id, ticket)))
    expect(answers.map(({ status }) => status).sort()).toEqual([
      201,
      201,
      201,
      ...Array<number>(7).fill(429),
    ])
    expect((await listed(link.id))?.pass?.runsLeft).toBe(0)
  })

  test('a repeated click counts once', async () => {
    const link = await share({ pass: { runs: 3 } })
    const { ticket } = await open(link)
    const click = () => rerun(link.id, ticket, {}, { 'Idempotency-Key': 'one' })
    const ids = await Promise.all(
      (await Promise.all([click(), click(), click()])).map((answer) =>
        answer.json<{ id: string }>(),
      ),
    )
    expect(new Set(ids.map(({ id }) => id)).size).toBe(1)
    expect((await listed(link.id))?.pass?.runsLeft).toBe(2)
  })

  test('a guest’s run uses the shared recipe with the guest’s words and reveals nothing about the home', async () => {
    const link = await share(
      { pass: { editable: ['prompt'] } },
      { prompt: 'Count to 3', system: canary, keepAlive: -1, options: { num_gpu: 1, seed: 7 } },
    )
    const { ticket } = await open(link)
    await ownerIsAway()
    await reset()
    const response = await rerun(
      link.id,
      ticket,
      { prompt: 'Count to 5' },
      { Accept: 'text/event-stream' },
    )
    expect(response.status).toBe(201)
    const text = await response.text()
    expect(text).toContain('event: done')
    expect(text).not.toContain(canary)
    expect(text).toMatch(/"digest":null/)
    const [sent] = await asksForText()
    expect(JSON.parse(sent?.body ?? '')).toMatchObject({
      prompt: 'Count to 5',
      system: canary,
      options: { seed: 7, num_predict: 512 },
    })
    expect(sent?.body).not.toMatch(/keep_alive|num_gpu|num_ctx|raw|logprobs|_debug/)
    const path = response.headers.get('location') ?? ''
    const own = await (await worker(path, { headers: guestHeaders(ticket) })).text()
    expect(own).not.toContain(canary)
    const { ticket: other } = await open(link)
    expect((await worker(path, { headers: guestHeaders(other) })).status).toBe(404)
    expect(
      (await worker(`${path}/stop`, { method: 'POST', headers: guestHeaders(other) })).status,
    ).toBe(404)
  })

  test.each([
    ['a field that is not open', { seed: 1 }, 422],
    ['another model', { model: 'mistral' }, 422],
    ['an unknown field', { keep_alive: -1 }, 422],
    ['a prompt that is too long', { prompt: 'a'.repeat(17_000) }, 422],
    ['a run that was not shared', { run: 7 }, 403],
  ])('a guest’s run with %s is refused and not counted', async (_what, body, status) => {
    const link = await share({ pass: {} })
    const { ticket } = await open(link)
    expect((await rerun(link.id, ticket, body)).status).toBe(status)
    expect((await listed(link.id))?.pass?.runsLeft).toBe(3)
  })

  test('a guest ticket opens no other route', async () => {
    const [link, other, readOnly] = [
      await share({ pass: {} }),
      await share({ pass: {} }),
      await share(),
    ]
    const { ticket } = await open(link)
    expect((await rerun(other.id, ticket)).status).toBe(403)
    expect((await rerun(readOnly.id, (await open(readOnly)).ticket)).status).toBe(403)
    expect(
      (await worker('/api/runs', post({ model: MODEL, prompt: 'x' }, guestHeaders(ticket)))).status,
    ).toBe(403)
    for (const path of ['/api/runs', '/api/llm/models', '/api/queue', '/api/tokens'])
      expect((await worker(path, { headers: guestHeaders(ticket) })).status, path).toBe(403)
  })

  test('a guest’s run that the owner displaces is refunded', async () => {
    const link = await share({ pass: { editable: ['prompt'] } })
    const { ticket } = await open(link)
    await ownerIsAway()
    const { id } = await (
      await rerun(link.id, ticket, { prompt: 'Count to 3000' })
    ).json<{ id: string }>()
    await vi.waitFor(async () => expect((await detail(id)).output.text).toContain('1 2'), 5000)
    expect((await listed(link.id))?.pass?.runsLeft).toBe(2)
    expect((await listed(link.id))?.live).toEqual([id])
    await start({ prompt: 'Count to 3' })
    await vi.waitFor(async () => expect((await detail(id)).state).toBe('interrupted'), 3000)
    expect((await listed(link.id))?.pass?.runsLeft).toBe(3)
  })

  test('a guest’s run is refunded if the home fails before the first token, without details', async () => {
    const link = await share({ pass: {} })
    const { ticket } = await open(link)
    await ownerIsAway()
    await setFault('cloudflared_offline')
    const response = await rerun(link.id, ticket, {}, { Accept: 'text/event-stream' })
    const text = await response.text()
    expect(text).toContain('event: failed')
    expect(text).not.toMatch(/cloudflare|tunnel|"fix"/i)
    expect((await listed(link.id))?.pass?.runsLeft).toBe(3)
  })

  test('revoking a share ends its streams and requests and deletes its runs', async () => {
    const link = await share({ pass: { editable: ['prompt'] } })
    const { ticket } = await open(link)
    await ownerIsAway()
    await reset()
    const response = await rerun(
      link.id,
      ticket,
      { prompt: 'Count to 3000' },
      { Accept: 'text/event-stream' },
    )
    await vi.waitFor(async () => expect(await asksForText()).toHaveLength(1), 3000)
    const ended = readEvents(new Response(response.body))
    const at = Date.now()
    expect((await revoke(link.id)).status).toBe(204)
    expect((await ended).at(-1)?.event).toBe('stopped')
    expect(Date.now() - at).toBeLessThan(10_000)
    await vi.waitFor(
      async () => expect((await asksForText())[0]?.endedBy).toBe('client_left'),
      2000,
    )
    expect((await rerun(link.id, ticket)).status).toBe(401)
    const { runs } = await (await worker('/api/runs?limit=200')).json<RunList>()
    expect(
      runs.filter(({ lane }) => lane === 'guest' && runs.length > 0).map(({ id }) => id),
    ).not.toContain(response.headers.get('location')?.split('/').at(-1))
  })
})

test('a hundred guests at once delay the owner’s first token by less than half a second', async () => {
  const firstWordMs = async () => {
    const at = Date.now()
    const response = await worker(
      '/api/runs',
      post({ model: MODEL, prompt: 'Count to 3' }, { Accept: 'text/event-stream' }),
    )
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    for (let text = ''; !text.includes('event: delta');) {
      const { done, value } = await reader.read()
      if (done) throw new Error('no word came')
      text += new TextDecoder().decode(value)
    }
    const ms = Date.now() - at
    await reader.cancel()
    return ms
  }
  const link = await share({ pass: { runs: 100, editable: ['prompt'] } })
  const idleMs = await firstWordMs()
  await ownerIsAway()
  const { ticket } = await open(link)
  const knocking = Array.from({ length: 100 }, () =>
    rerun(link.id, ticket, { prompt: 'Count to 3000' }),
  )
  const answers = await Promise.all(knocking)
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(6)
  await vi.waitFor(async () => expect(await asksForText()).not.toEqual([]), 3000)
  expect(await firstWordMs()).toBeLessThan(idleMs + 500)
})
