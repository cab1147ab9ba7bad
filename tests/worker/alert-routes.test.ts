import { beforeEach, describe, expect, test } from 'vitest'
import type { AlertsView, Delivery } from '../../src/lib/contract/alerts.ts'
import { apiWith, homeUrl, post, worker } from '../support/workerd/client.ts'
import { browser, received, receivedBy, receiverUrl } from '../support/workerd/deliveries.ts'

const put = (body: unknown) => ({ ...post(body), method: 'PUT' })
const remove = (body: unknown) => ({ ...post(body), method: 'DELETE' })
const view = async () => (await worker('/api/alerts')).json<AlertsView>()
const subscribe = async (body: unknown) => worker('/api/alerts/subscriptions', post(body))

beforeEach(async () => {
  for (const { id } of (await view()).devices)
    await worker('/api/alerts/subscriptions', remove({ id }))
  await worker(
    '/api/alerts',
    put({ mute: null, maintenance: null, channels: { push: true, ntfy: true, webhook: true } }),
  )
})

describe('GET /api/alerts', () => {
  test('GET /api/alerts lists the channels without their addresses', async () => {
    const phone = await browser('viewed')
    await subscribe(phone)
    const text = await (await worker('/api/alerts')).text()
    for (const secret of [
      receiverUrl,
      '/topic',
      '/hook',
      phone.endpoint,
      phone.keys.auth,
      phone.keys.p256dh,
    ])
      expect(text).not.toContain(secret)
    expect(JSON.parse(text)).toMatchObject({
      channels: [
        { channel: 'push', configured: true, on: true, note: null },
        { channel: 'ntfy', configured: true, on: true, note: null },
        {
          channel: 'webhook',
          configured: true,
          on: true,
          note: 'Not signed, because WEBHOOK_SECRET is not set.',
        },
      ],
      devices: [{ device: 'viewed' }],
      deadman: { configured: false, note: null },
      mute: null,
      maintenance: null,
    })
  })

  test.each([
    ['/api/alerts', {}],
    ['/api/alerts', put({ mute: null })],
    ['/api/alerts/test', { method: 'POST' }],
    ['/api/alerts/key', {}],
    ['/api/alerts/subscriptions', post({})],
    ['/api/alerts/subscriptions', remove({})],
  ] as const)('only the owner may use %s, and pages of other sites cannot', async (path, init) => {
    const headers = 'headers' in init ? Object.fromEntries(new Headers(init.headers)) : {}
    const stranger = apiWith({ OLLAMA_URL: homeUrl, OWNER_KEY_HASH: 'a'.repeat(64) })
    expect((await stranger(path, init)).status).toBe(401)
    expect(
      (await worker(path, { ...init, headers: { ...headers, 'Sec-Fetch-Site': 'cross-site' } }))
        .status,
    ).toBe(403)
    expect((await worker(path, { ...init, headers: { ...headers, Via: 'a tunnel' } })).status).toBe(
      401,
    )
  })

  test.each([
    ['/api/alerts', 'DELETE', 'GET, HEAD, PUT'],
    ['/api/alerts/test', 'GET', 'POST'],
    ['/api/alerts/key', 'POST', 'GET, HEAD'],
    ['/api/alerts/subscriptions', 'GET', 'POST, DELETE'],
  ])('%s rejects %s with the allowed methods', async (path, method, allow) => {
    const response = await worker(path, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow])
  })
})

describe('PUT /api/alerts', () => {
  test('PUT /api/alerts mutes, plans maintenance, turns channels off and returns the new state', async () => {
    const from = new Date(Date.now() + 3_600_000).toISOString()
    const to = new Date(Date.now() + 7_200_000).toISOString()
    const response = await worker(
      '/api/alerts',
      put({ mute: { until: null }, maintenance: { from, to }, channels: { ntfy: false } }),
    )
    const changed = await response.json<AlertsView>()
    expect(changed).toMatchObject({ mute: { until: null }, maintenance: { from, to } })
    expect(changed.channels.map(({ on }) => on)).toEqual([true, false, true])
    expect(await view()).toEqual(changed)
  })

  test.each([
    [{ odd: 1 }, 'odd'],
    [{ mute: {} }, 'mute.until'],
    [{ mute: { until: 'tomorrow' } }, 'mute.until'],
    [{ mute: { until: 5 } }, 'mute.until'],
    [{ maintenance: { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' } }, 'maintenance'],
    [{ channels: { pigeon: true } }, 'channels.pigeon'],
    [{ channels: { ntfy: 'yes' } }, 'channels.ntfy'],
  ])('PUT /api/alerts rejects %j by its path and changes nothing', async (body, path) => {
    const before = await view()
    const response = await worker('/api/alerts', put({ ...body }))
    expect(response.status).toBe(422)
    expect((await response.json<{ errors: { path: string }[] }>()).errors[0]?.path).toBe(path)
    expect(await view()).toEqual(before)
  })
})

describe('POST /api/alerts/test', () => {
  test('a test alert goes through every channel, and the response has each result', async () => {
    const phone = await browser('tested')
    await subscribe(phone)
    const { outcomes } = await (
      await worker('/api/alerts/test', { method: 'POST' })
    ).json<{ outcomes: Delivery[] }>()
    expect(outcomes.map(({ channel, device, kind, ok }) => [channel, device, kind, ok])).toEqual([
      ['ntfy', null, 'test', true],
      ['webhook', null, 'test', true],
      ['push', 'tested', 'test', true],
    ])
    const [push] = await receivedBy(phone)
    expect(push?.push?.text).toContain('"title":"Porchlight: a test"')
    // A tap opens the address that the owner used.
    expect(push?.push?.text).toContain('"navigate":"http://localhost/alerts"')
    expect((await received('/worker/hook')).length).toBeGreaterThan(0)
    expect((await view()).log.slice(0, 3).map(({ channel }) => channel)).toContain('push')
  })
})

test('a test alert names neither the home nor a model', async () => {
  await worker('/api/alerts/test', { method: 'POST' })
  const bytes = JSON.stringify(await received('/worker/'))
  expect(bytes).toContain('Porchlight: a test')
  for (const secret of [new URL(homeUrl).host, 'llama', 'qwen']) expect(bytes).not.toContain(secret)
})

describe('push subscriptions', () => {
  test('a browser gets the public key, has one subscription however often it subscribes, and can unsubscribe', async () => {
    const { publicKey } = await (await worker('/api/alerts/key')).json<{ publicKey: string }>()
    expect(publicKey).toMatch(/^B[\w-]{86}$/)
    const phone = await browser('comes')
    for (const device of ['comes', 'comes back'])
      expect((await subscribe({ ...phone, device })).status).toBe(204)
    expect((await view()).devices.map(({ device }) => device)).toEqual(['comes back'])
    const unsubscribe = () =>
      worker('/api/alerts/subscriptions', remove({ endpoint: phone.endpoint }))
    expect([(await unsubscribe()).status, (await unsubscribe()).status]).toEqual([204, 404])
    expect((await view()).devices).toEqual([])
  })

  test('a subscription is accepted with the extra fields that browsers send', async () => {
    const { endpoint, keys } = await browser('verbose')
    expect(
      (await subscribe({ endpoint, expirationTime: null, keys, device: 'Firefox' })).status,
    ).toBe(204)
  })

  test('a twenty-first subscription is refused', async () => {
    const phones = await Promise.all(
      Array.from({ length: 21 }, (_, nth) => browser(`crowd-${nth}`)),
    )
    const statuses = []
    for (const phone of phones) statuses.push((await subscribe(phone)).status)
    expect([statuses.slice(0, 20).every((status) => status === 204), statuses[20]]).toEqual([
      true,
      409,
    ])
  })

  test.each([
    [
      'an unknown push service',
      async () => ({ ...(await browser('a')), endpoint: 'https://evil.example/push' }),
    ],
    [
      'an endpoint in a home network',
      async () => ({ ...(await browser('b')), endpoint: 'http://192.168.1.1/push' }),
    ],
    ['no endpoint', async () => ({ keys: (await browser('c')).keys })],
    [
      'a short key',
      async () => ({ ...(await browser('d')), keys: { p256dh: 'BAAA', auth: 'AAAA' } }),
    ],
    [
      'a key that is not a point',
      async () => {
        const { keys, endpoint } = await browser('e')
        return { endpoint, keys: { ...keys, p256dh: `B${'A'.repeat(86)}` } }
      },
    ],
  ] as const)('a subscription with %s is refused', async (_what, make) => {
    expect((await subscribe(await make())).status).toBe(422)
    expect((await view()).devices).toEqual([])
  })
})
