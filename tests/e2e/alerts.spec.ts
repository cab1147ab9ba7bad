import type { Page } from '@playwright/test'
import { startReceiver, type Received, type Receiver } from '../support/alert-server.ts'
import { serve, type Served } from '../support/serve.ts'
import { axeOn } from '../support/e2e/accessible.ts'
import { expect, test as base } from '../support/e2e/fixtures.ts'

/** A server whose alerts go to the receiver of this test. */
const test = base.extend<object, { receiver: Receiver; server: Served }>({
  receiver: [
    async ({}, use) => {
      const receiver = await startReceiver()
      await use(receiver)
      await receiver.stop()
    },
    { scope: 'worker' },
  ],
  server: [
    async ({ home, receiver }, use) => {
      const { url } = receiver
      const server = await serve({
        OLLAMA_URL: home.url,
        NTFY_URL: `${url}/topic`,
        WEBHOOK_URL: `${url}/hook`,
      })
      await use(server)
      await server.stop()
    },
    { scope: 'worker' },
  ],
})

const axe = async (page: Page) =>
  (await axeOn(page).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)

for (const colorScheme of ['light', 'dark'] as const) {
  test(`testing, muting and scheduling alerts works at 320 px in ${colorScheme} colours, passes axe and does not overflow`, async ({
    page,
    server,
    receiver,
  }) => {
    await fetch(`${receiver.url}/control/manner?path=/hook`, {
      method: 'PUT',
      body: '{"status":500}',
    })
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width: 320, height: 800 })
    await page.goto(`${server.url}/alerts`)
    await page.getByRole('button', { name: 'Send a test' }).click()
    const outcomes = page.getByRole('list', { name: 'Results of the test' })
    await expect(outcomes.getByRole('listitem')).toHaveText([
      /Accepted\s*ntfy/,
      /Not accepted\s*Webhook\. It answered 500\./,
    ])
    await page.getByRole('button', { name: 'Mute 1 h' }).click()
    await expect(page.getByText(/^Muted until .*\d/)).toBeVisible()
    await page.getByLabel('From').fill('2027-01-02T10:00')
    await page.getByLabel('To', { exact: true }).fill('2027-01-02T09:00')
    await expect(page.getByText('The end must be after the start.')).toBeVisible()
    await page.getByLabel('To', { exact: true }).fill('2027-01-02T11:00')
    await page.getByRole('button', { name: 'Schedule' }).click()
    await expect(page.getByRole('button', { name: 'Cancel' })).toBeVisible()
    await page.getByRole('switch', { name: 'ntfy' }).click()
    await expect(page.getByText('Off.', { exact: true })).toBeVisible()
    expect(await axe(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
    await page.reload()
    await expect(page.getByRole('button', { name: 'Unmute' })).toBeVisible()
    for (const name of ['Unmute', 'Cancel']) await page.getByRole('button', { name }).click()
    await page.getByRole('switch', { name: 'ntfy' }).click()
    await expect(page.getByRole('button', { name: 'Mute 1 h' })).toBeVisible()
    await page.getByRole('button', { name: 'Now, for 1 h' }).click()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await expect(page.getByRole('button', { name: 'Now, for 1 h' })).toBeVisible()
  })
}

test('a tap subscribes this device, and a pushed alert becomes a notification', async ({
  page,
  server,
  receiver,
}) => {
  const subscription = (await (
    await fetch(`${receiver.url}/control/browser?name=tab`, { method: 'POST' })
  ).json()) as {
    endpoint: string
  }
  await page.context().grantPermissions(['notifications'], { origin: server.url })
  await page.addInitScript(pretendPushService, subscription)
  await page.goto(`${server.url}/alerts`)
  await page.getByRole('button', { name: 'Turn on for this device' }).click()
  await expect(page.getByRole('button', { name: 'Turn off for this device' })).toBeVisible()
  await expect(page.getByText(/Chrome on Linux/)).toBeVisible()
  await page.getByRole('button', { name: 'Send a test' }).click()
  await expect(
    page.getByText('Push to your devices: Chrome on Linux', { exact: false }),
  ).toBeVisible()
  const got = (await (await fetch(`${receiver.url}/control/got`)).json()) as Received[]
  const text = got.find(({ path }) => path === '/push/tab')?.push?.text ?? ''
  expect(await deliver(page, server.url, text)).toEqual([
    ['Porchlight: a test', `${server.url}/alerts`],
  ])
  await page.getByRole('button', { name: 'Turn off for this device' }).click()
  await expect(page.getByRole('button', { name: 'Turn on for this device' })).toBeVisible()
  await expect(page.getByText('No device yet.')).toBeVisible()
})

/** Tests cannot reach a push service, so the browser gets a subscription at the receiver. */
function pretendPushService({ endpoint, keys }: { endpoint: string; keys?: object }) {
  const subscription = {
    endpoint,
    options: { applicationServerKey: null },
    toJSON: () => ({ endpoint, keys }),
    unsubscribe: () => Promise.resolve(sessionStorage.removeItem('subscribed')),
  } as unknown as PushSubscription
  PushManager.prototype.getSubscription = () =>
    Promise.resolve(sessionStorage.getItem('subscribed') ? subscription : null)
  PushManager.prototype.subscribe = () => {
    sessionStorage.setItem('subscribed', '1')
    return Promise.resolve(subscription)
  }
}

/** Delivers a message to the service worker, as a push service would. Returns the notifications that are then shown. */
async function deliver(page: Page, origin: string, data: string) {
  const devtools = await page.context().newCDPSession(page)
  const registered = new Promise<string>((resolve) =>
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [first] }) => {
      if (first) resolve(first.registrationId)
    }),
  )
  await devtools.send('ServiceWorker.enable')
  await devtools.send('ServiceWorker.deliverPushMessage', {
    origin,
    registrationId: await registered,
    data,
  })
  const shown = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready
      return (await registration.getNotifications()).map(({ title, data }) => [
        title,
        data as unknown,
      ])
    })
  await expect.poll(shown).not.toEqual([])
  return shown()
}
