import { afterEach, describe, expect, test, vi } from 'vitest'
import { readAlertsConfig } from '../../worker/alerts/config.ts'
import { fallbackAlert } from '../../worker/alerts/fallback.ts'
import { Outbox, RETRY_DELAYS_MS } from '../../worker/alerts/outbox.ts'
import {
  alert,
  answerAt,
  MINUTE,
  withAlerts,
  OPENED_AT,
  received,
  receivedBy,
  receiverUrl,
} from '../support/workerd/deliveries.ts'
import { shortenTimeouts } from '../support/workerd/short-waits.ts'

afterEach(() => void vi.restoreAllMocks())

const ORIGIN = 'https://porchlight.example'
const at = (minutes: number) => OPENED_AT + minutes * MINUTE
const json = (text: string) =>
  JSON.parse(text) as Record<string, unknown> & { data: Record<string, unknown> }

describe('the alerts of an incident', () => {
  test('an incident is sent once per channel, however often it is reported', () =>
    withAlerts(async ({ alerts, browser, path }) => {
      const phone = await browser('once')
      alerts.subscribe(phone, at(0))
      for (const minute of [0, 0, 1, 2]) {
        alerts.enqueue(alert('opened'))
        await alerts.sendDue(at(minute))
      }
      const got = await received(path)
      expect(got.map((one) => one.path).toSorted()).toEqual([path, `${path}hook`])
      expect(await receivedBy(phone)).toHaveLength(1)
      expect(
        alerts
          .view(at(2))
          .log.map(({ channel, ok }) => [channel, ok])
          .toSorted(),
      ).toEqual([
        ['ntfy', true],
        ['push', true],
        ['webhook', true],
      ])
    }))

  test('an incident is one notification, which is updated in place until the incident closes', () =>
    withAlerts(async ({ alerts, browser, path }) => {
      const phone = await browser('place')
      alerts.subscribe(phone, at(0))
      for (const [minute, change] of [
        [0, alert('opened')],
        [5, alert('changed', { cause: 'ollama_down', at: at(5) })],
        [9, alert('closed', { cause: 'ollama_down', at: at(9) })],
      ] as const) {
        alerts.enqueue(change)
        await alerts.sendDue(at(minute))
      }
      const ntfy = (await received(path))
        .filter((one) => one.path === path)
        .map(({ body }) => json(body))
      expect(ntfy.map(({ title }) => title)).toEqual([
        'Offline: Tunnel is down',
        'Offline: Ollama does not answer',
        'Online: Everything answers',
      ])
      expect(ntfy.map(({ priority }) => priority)).toEqual([4, 3, 2])
      expect(new Set(ntfy.map(({ sequence_id }) => sequence_id)).size).toBe(1)
      expect(ntfy.map(({ message }) => message).at(-1)).toBe(
        'It was down for 12 min. The cause was: Ollama does not answer.',
      )
      const hooks = (await received(`${path}hook`)).map(({ body }) => json(body))
      expect(new Set(hooks.map(({ id }) => id)).size).toBe(3)
      const pushes = await receivedBy(phone)
      expect(new Set(pushes.map(({ headers }) => headers.topic))).toEqual(
        new Set(ntfy.map((one) => one.sequence_id)),
      )
    }))

  test('an alert delivered after a newer one of the same incident changes nothing', () =>
    withAlerts(async ({ alerts, path }) => {
      alerts.enqueue(alert('closed'))
      alerts.enqueue(alert('opened'))
      await alerts.sendDue(at(1))
      expect(await received(path)).toEqual([])
    }))

  test('an incident that reopens updates the same notification', () =>
    withAlerts(async ({ alerts, path }) => {
      for (const [seq, kind] of [
        [1, 'opened'],
        [2, 'closed'],
        [3, 'opened'],
      ] as const) {
        alerts.enqueue(alert(kind, { seq, at: at(seq) }))
        await alerts.sendDue(at(seq))
      }
      const threads = (await received(`${path}hook`)).map(({ body }) => json(body).data['incident'])
      expect([threads.length, new Set(threads).size]).toEqual([3, 1])
    }))
})

describe('a receiver that refuses a delivery', () => {
  test('a failed delivery is retried when it is due, and not earlier', () =>
    withAlerts(async ({ alerts, path }) => {
      await answerAt(`${path}hook`, { status: 500 })
      alerts.enqueue(alert('opened'))
      await alerts.sendDue(at(0))
      await alerts.sendDue(at(0.5))
      expect(await received(`${path}hook`)).toHaveLength(1)
      await answerAt(`${path}hook`, { status: 204 })
      await alerts.sendDue(at(1))
      await alerts.sendDue(at(30))
      const ids = (await received(`${path}hook`)).map(({ headers }) => headers['webhook-id'])
      expect([ids.length, new Set(ids).size]).toEqual([2, 1])
      expect(alerts.view(at(30)).waiting).toBe(0)
    }))

  test('a delivery is given up after a while, which the log records; the end of the incident is still delivered', () =>
    withAlerts(async ({ alerts, path }) => {
      await answerAt(`${path}hook`, { status: 503 })
      alerts.enqueue(alert('opened'))
      for (let minute = 0; minute < 400; minute++) await alerts.sendDue(at(minute))
      expect(await received(`${path}hook`)).toHaveLength(RETRY_DELAYS_MS.length)
      const { log, waiting } = alerts.view(at(400))
      expect(log.filter(({ channel }) => channel === 'webhook').map(({ why }) => why)).toEqual([
        'It answered 503. This was the last attempt',
        ...Array<string>(RETRY_DELAYS_MS.length - 1).fill('It answered 503'),
      ])
      expect(waiting).toBe(0)
      alerts.enqueue(alert('closed', { at: at(401) }))
      await alerts.sendDue(at(401))
      expect(await received(`${path}hook`)).toHaveLength(RETRY_DELAYS_MS.length + 1)
    }))

  test('a receiver that hangs delays neither the other channels nor the tick', () =>
    withAlerts(async ({ alerts, path }) => {
      await answerAt(path, { delayMs: 60_000 })
      alerts.enqueue(alert('opened'))
      const timeouts = shortenTimeouts()
      await alerts.sendDue(at(0))
      expect(timeouts).toEqual([5000, 5000])
      expect(alerts.view(at(0)).log.map(({ channel, why }) => [channel, why])).toEqual([
        ['ntfy', 'No answer within 5 s'],
        ['webhook', ''],
      ])
    }))

  test('a delivery does not follow a redirect', () =>
    withAlerts(async ({ alerts, path }) => {
      await answerAt(`${path}hook`, {
        status: 307,
        headers: { Location: `${receiverUrl}${path}elsewhere` },
      })
      alerts.enqueue(alert('opened'))
      await alerts.sendDue(at(0))
      expect(await received(`${path}elsewhere`)).toEqual([])
      expect(alerts.view(at(0)).log.find(({ channel }) => channel === 'webhook')?.why).toContain(
        'not followed',
      )
    }))

  test('a receiver that refuses connections is logged as unreachable', () =>
    withAlerts(
      async ({ alerts }) => {
        alerts.enqueue(alert('opened'))
        await alerts.sendDue(at(0))
        expect(alerts.view(at(0)).log.find(({ channel }) => channel === 'webhook')?.why).toBe(
          'It could not be reached',
        )
      },
      { WEBHOOK_URL: 'http://127.0.0.1:1/' },
    ))
})

describe('a crash during delivery', () => {
  test('a crash between sending and recording loses nothing: the alert is sent again with the same id', () =>
    withAlerts(async ({ alerts, restart, sql, path }) => {
      alerts.enqueue(alert('opened'))
      const outbox = new Outbox(sql)
      for (const row of outbox.due(at(0))) outbox.startAttempt(row, at(0))
      await restart().sendDue(at(1))
      expect(await received(path)).toHaveLength(2)
      expect(restart().view(at(1)).waiting).toBe(0)
    }))

  test('the end of an incident is sent if its start may have been delivered before the crash', () =>
    withAlerts(async ({ alerts, restart, sql, path }) => {
      alerts.enqueue(alert('opened'))
      const outbox = new Outbox(sql)
      for (const row of outbox.due(at(0))) outbox.startAttempt(row, at(0))
      restart().enqueue(alert('closed', { at: at(1) }))
      await restart().sendDue(at(1))
      expect((await received(`${path}hook`)).map(({ body }) => json(body).data['kind'])).toEqual([
        'closed',
      ])
    }))
})

const MUTES = [
  ['muted', { mute: { until: new Date(at(60)).toISOString() } }],
  [
    'in maintenance',
    { maintenance: { from: new Date(at(-5)).toISOString(), to: new Date(at(60)).toISOString() } },
  ],
] as const

describe.each(MUTES)('during %s', (_name, mute) => {
  test('an incident that starts during mute or maintenance is sent afterwards if the home is still down', () =>
    withAlerts(async ({ alerts, path }) => {
      alerts.change(mute)
      alerts.enqueue(alert('opened'))
      await alerts.sendDue(at(0))
      alerts.enqueue(alert('changed', { cause: 'ollama_down', at: at(20) }))
      await alerts.sendDue(at(59))
      expect(await received(path)).toEqual([])
      expect(alerts.view(at(59)).waiting).toBe(2)
      await alerts.sendDue(at(60))
      const [hook] = await received(`${path}hook`)
      expect(json(hook?.body ?? '').data).toMatchObject({ kind: 'opened', cause: 'ollama_down' })
      expect(json(hook?.body ?? '').data['text']).toContain('(1 h 3 min)')
    }))

  test('an incident that was never sent has no end notification either', () =>
    withAlerts(async ({ alerts, path }) => {
      alerts.change(mute)
      alerts.enqueue(alert('opened'))
      await alerts.sendDue(at(0))
      alerts.enqueue(alert('closed', { at: at(10) }))
      for (const minute of [10, 60, 90]) await alerts.sendDue(at(minute))
      expect(await received(path)).toEqual([])
      expect(alerts.view(at(90)).waiting).toBe(0)
    }))

  test('the end of an incident that was sent before is delivered during mute or maintenance', () =>
    withAlerts(async ({ alerts, path }) => {
      alerts.enqueue(alert('opened'))
      await alerts.sendDue(at(0))
      alerts.change(mute)
      alerts.enqueue(alert('changed', { at: at(1) }))
      await alerts.sendDue(at(1))
      expect(await received(path)).toHaveLength(2)
      alerts.enqueue(alert('closed', { at: at(10) }))
      await alerts.sendDue(at(10))
      const kinds = (await received(`${path}hook`)).map(({ body }) => json(body).data['kind'])
      expect(kinds).toEqual(['opened', 'closed'])
    }))
})

describe('the alert settings', () => {
  test('alerts stay muted until the owner ends an indefinite mute', () =>
    withAlerts(async ({ alerts, path }) => {
      alerts.change({ mute: { until: null } })
      alerts.enqueue(alert('opened'))
      await alerts.sendDue(at(500_000))
      expect(alerts.view(at(500_000)).mute).toEqual({ until: null })
      expect(await received(path)).toEqual([])
      alerts.change({ mute: null })
      await alerts.sendDue(at(500_001))
      expect(await received(path)).toHaveLength(2)
    }))

  test('turning off one channel leaves the others on', () =>
    withAlerts(async ({ alerts, path }) => {
      alerts.change({ channels: { ntfy: false } })
      alerts.enqueue(alert('opened'))
      await alerts.sendDue(at(0))
      expect((await received(path)).map((one) => one.path)).toEqual([`${path}hook`])
      expect((await alerts.sendTest(at(1))).map(({ channel }) => channel)).toEqual(['webhook'])
      expect(alerts.view(at(1)).channels.map(({ channel, on }) => [channel, on])).toEqual([
        ['push', true],
        ['ntfy', false],
        ['webhook', true],
      ])
    }))

  test('settings that are not in a change keep their values', () =>
    withAlerts(async ({ alerts }) => {
      alerts.change({ mute: { until: null }, channels: { ntfy: false } })
      alerts.change({ maintenance: { from: '2026-11-24T14:00:00Z', to: '2026-11-24T15:00:00Z' } })
      alerts.change({ channels: { webhook: false } })
      const { mute, maintenance, channels } = alerts.view(at(0))
      expect([mute, maintenance?.to]).toEqual([{ until: null }, '2026-11-24T15:00:00.000Z'])
      expect(channels.filter(({ on }) => !on).map(({ channel }) => channel)).toEqual([
        'ntfy',
        'webhook',
      ])
    }))

  test('the delivery log keeps the last hundred deliveries', () =>
    withAlerts(async ({ alerts }) => {
      for (let nth = 0; nth < 60; nth++) await alerts.sendTest(at(nth))
      const { log } = alerts.view(at(60))
      expect([log.length, log[0]?.at, log.at(-1)?.at]).toEqual([
        100,
        new Date(at(59)).toISOString(),
        new Date(at(10)).toISOString(),
      ])
    }))
})

describe('web push', () => {
  test('a push is encrypted for its browser, declarative, and signed', () =>
    withAlerts(async ({ alerts, browser }) => {
      const phone = await browser('form')
      alerts.subscribe(phone, at(0))
      alerts.rememberOrigin(ORIGIN)
      alerts.enqueue(alert('opened'))
      await alerts.sendDue(at(0))
      const [got] = await receivedBy(phone)
      expect(got?.headers).toMatchObject({
        'content-encoding': 'aes128gcm',
        urgency: 'high',
        ttl: '14400',
      })
      expect(got?.headers.topic).toMatch(/^[\w-]{1,32}$/)
      expect(json(got?.push?.text ?? '')).toEqual({
        web_push: 8030,
        notification: {
          title: 'Offline: Tunnel is down',
          body: expect.stringContaining('Since 14:02 UTC (3 min).') as string,
          tag: got?.headers.topic,
          navigate: `${ORIGIN}/alerts`,
          silent: false,
        },
        app_badge: 1,
      })
      const { sub, exp, iat } = got?.push?.claims ?? {}
      expect(sub).toBe(ORIGIN)
      expect(Number(exp) - Number(iat)).toBeLessThanOrEqual(24 * 3600)
    }))

  test('every push has the same length, so the length reveals nothing', () =>
    withAlerts(async ({ alerts, browser }) => {
      const phone = await browser('long')
      alerts.subscribe(phone, at(0))
      await alerts.sendTest(at(0))
      alerts.enqueue(alert('opened', { cause: 'connection_failed' }))
      await alerts.sendDue(at(1))
      const lengths = (await receivedBy(phone)).map(({ headers }) => headers['content-length'])
      expect([lengths.length, new Set(lengths).size]).toEqual([2, 1])
    }))

  test.each([404, 410])('a push answered with %i removes the subscription', (status) =>
    withAlerts(async ({ alerts, browser }) => {
      const [gone, subscribed] = [await browser('gone'), await browser('subscribed')]
      for (const one of [gone, subscribed]) alerts.subscribe(one, at(0))
      await answerAt(new URL(gone.endpoint).pathname, { status })
      alerts.enqueue(alert('opened'))
      await alerts.sendDue(at(0))
      const { devices, log, waiting } = alerts.view(at(0))
      expect(devices.map(({ device }) => device)).toEqual([subscribed.device])
      expect(log.find(({ device }) => device === gone.device)?.why).toContain('was removed')
      expect(waiting).toBe(0)
    }),
  )

  test('a push that fails otherwise keeps the subscription and is retried for that device only', () =>
    withAlerts(async ({ alerts, browser }) => {
      const [failing, working] = [await browser('failing'), await browser('working')]
      for (const one of [failing, working]) alerts.subscribe(one, at(0))
      await answerAt(new URL(failing.endpoint).pathname, { status: 500 })
      alerts.enqueue(alert('opened'))
      for (const minute of [0, 1]) await alerts.sendDue(at(minute))
      const pushes = await Promise.all([failing, working].map(receivedBy))
      expect(pushes.map(({ length }) => length)).toEqual([2, 1])
      expect(alerts.view(at(1)).devices).toHaveLength(2)
    }))

  test('generated VAPID keys are stored and reused', () =>
    withAlerts(async ({ alerts, restart }) => {
      const [first, second] = await Promise.all([alerts.publicKey(), alerts.publicKey()])
      expect(first).toMatch(/^B[\w-]{86}$/)
      expect([second, await restart().publicKey()]).toEqual([first, first])
    }))

  test('mismatched VAPID keys fail the push and leave the other channels working', () =>
    withAlerts(
      async ({ alerts, browser }) => {
        alerts.subscribe(await browser('pair'), at(0))
        const outcomes = await alerts.sendTest(at(0))
        expect(outcomes.map(({ channel, ok }) => [channel, ok])).toEqual([
          ['ntfy', true],
          ['webhook', true],
          ['push', false],
        ])
      },
      { VAPID_PUBLIC_KEY: `B${'A'.repeat(86)}`, VAPID_PRIVATE_KEY: 'A'.repeat(43) },
    ))
})

describe('webhooks', () => {
  const signed = async (secret: BufferSource, text: string) => {
    const key = await crypto.subtle.importKey(
      'raw',
      secret,
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    )
    return btoa(
      String.fromCharCode(
        ...new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text))),
      ),
    )
  }

  test.each([
    ['a secret', new TextEncoder().encode('a secret')],
    ['whsec_AQIDBAUG', new Uint8Array([1, 2, 3, 4, 5, 6])],
  ])('a webhook is signed with %s over its id, time and body', (WEBHOOK_SECRET, secret) =>
    withAlerts(
      async ({ alerts, path }) => {
        alerts.enqueue(alert('opened'))
        await alerts.sendDue(at(0))
        const [got] = await received(`${path}hook`)
        const {
          'webhook-id': id,
          'webhook-timestamp': time,
          'webhook-signature': signature,
        } = got?.headers ?? {}
        expect(time).toBe(String(at(0) / 1000))
        expect(signature).toBe(`v1,${await signed(secret, `${id}.${time}.${got?.body}`)}`)
        expect(json(got?.body ?? '')).toMatchObject({
          specversion: '1.0',
          id,
          type: 'porchlight.incident.opened',
          time: '2026-11-24T14:05:00.000Z',
          data: { seq: 1, kind: 'opened', cause: 'tunnel_down', since: '2026-11-24T14:02:00.000Z' },
        })
      },
      { WEBHOOK_SECRET },
    ),
  )

  test('a webhook without a secret is sent unsigned, and the alert settings say so', () =>
    withAlerts(
      async ({ alerts, path }) => {
        await alerts.sendTest(at(0))
        expect((await received(`${path}hook`))[0]?.headers).not.toHaveProperty('webhook-signature')
        expect(
          alerts.view(at(0)).channels.find(({ channel }) => channel === 'webhook')?.note,
        ).toContain('Not signed')
      },
      { WEBHOOK_SECRET: '' },
    ))
})

describe('ntfy', () => {
  test('ntfy receives the token, the topic and the link to open', () =>
    withAlerts(
      async ({ alerts, path }) => {
        alerts.rememberOrigin(ORIGIN)
        await alerts.sendTest(at(0))
        const [got] = (await received(path)).filter((one) => one.path === path)
        expect(got?.headers.authorization).toBe('Bearer tk_1')
        expect(json(got?.body ?? '')).toMatchObject({
          topic: 'topic',
          click: `${ORIGIN}/alerts`,
          priority: 3,
        })
      },
      { NTFY_TOKEN: 'tk_1' },
    ))
})

describe('the dead man’s switch', () => {
  test('the dead man’s switch is called on every tick', () =>
    withAlerts(
      async ({ alerts }) => {
        await alerts.pingDeadMansSwitch()
        expect((await received('/alive')).map(({ method, body }) => [method, body])).toEqual([
          ['GET', ''],
        ])
      },
      { DEADMAN_URL: `${receiverUrl}/alive` },
    ))

  test('a dead man’s switch that never responds is called once and given up after five seconds', () =>
    withAlerts(
      async ({ alerts }) => {
        await answerAt('/stuck', { delayMs: 60_000 })
        const timeouts = shortenTimeouts()
        await alerts.pingDeadMansSwitch()
        expect(timeouts).toEqual([5000])
        vi.restoreAllMocks()
        expect(await received('/stuck')).toHaveLength(1)
      },
      { DEADMAN_URL: `${receiverUrl}/stuck` },
    ))

  test('a dead man’s switch that refuses the connection does not fail the tick', () =>
    withAlerts(({ alerts }) => expect(alerts.pingDeadMansSwitch()).resolves.toBeUndefined(), {
      DEADMAN_URL: 'http://127.0.0.1:1/',
    }))
})

describe('alerts while the Durable Object fails', () => {
  test('a failing Durable Object is reported without it, once an hour, as Porchlight’s own fault', async () => {
    const url = `${receiverUrl}/without-home/`
    const config = readAlertsConfig({ NTFY_URL: `${url}topic`, WEBHOOK_URL: `${url}hook` }, 'local')
    const cache = await caches.open('own-fault')
    const sent = []
    for (const minute of [0, 1, 30, 54, 55])
      sent.push(await fallbackAlert(config, cache, at(minute)))
    expect(sent).toEqual([true, false, false, false, true])
    const got = await received('/without-home/')
    expect(got).toHaveLength(4)
    expect(json(got[0]?.body ?? '')).toMatchObject({
      title: 'Unknown: Porchlight itself has a fault',
    })
  })

  test('a failing Durable Object is reported even if the cache fails too, with the same id', async () => {
    const url = `${receiverUrl}/without-cache/`
    const config = readAlertsConfig({ WEBHOOK_URL: `${url}hook` }, 'local')
    const broken = {
      match: () => Promise.reject(new Error('no cache')),
      put: () => Promise.reject(new Error('no cache')),
    }
    for (const minute of [0, 1]) expect(await fallbackAlert(config, broken, at(minute))).toBe(true)
    const ids = (await received('/without-cache/')).map(({ headers }) => headers['webhook-id'])
    expect([ids.length, new Set(ids).size]).toEqual([2, 1])
  })

  test('a failing Durable Object without configured channels sends nothing', async () => {
    expect(
      await fallbackAlert(readAlertsConfig({}, 'local'), await caches.open('no-receiver'), at(0)),
    ).toBe(false)
  })
})
