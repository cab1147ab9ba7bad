import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import type { FaultName } from '../../simulator/faults.ts'
import type { Served } from '../serve.ts'
import { expect, test } from './fixtures.ts'

const askedNow = (server: Served) => fetch(`${server.url}/api/health?fresh=1&code=200`)

test.beforeEach(({ home }) => home.reset())
test.afterEach(({ home }) => home.reset())

const STATES = [
  ['Online', null],
  ['Offline', 'cloudflared_offline'],
  ['Model missing', 'no_models'],
] as const satisfies [string, FaultName | null][]

for (const [word, fault] of STATES) {
  test(`${word}: axe finds nothing, light and dark, on a small phone and wide`, async ({ page, home, server }) => {
    if (fault) await home.setFault(fault)
    await askedNow(server)
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [320, 1280]) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        await page.setViewportSize({ width, height: 800 })
        await page.goto(`${server.url}/status`)
        await expect(page.getByRole('heading', { level: 1, name: word })).toBeVisible()
        const { violations } = await new AxeBuilder({ page }).analyze()
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
      }
    }
  })
}

test('without a script the page names what is wrong, where, and what to do', async ({ browser, home, server }) => {
  await home.setFault('cloudflared_offline')
  await askedNow(server)
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(`${server.url}/status`)
  await expect(page.getByRole('heading', { level: 1, name: 'Offline' })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Dark from tunnel' })).toBeVisible()
  await expect(page.getByRole('heading', { name: /^Fix it/ })).toBeVisible()
  await expect(page.locator('.cmd code').first()).toBeVisible()
  await context.close()
})

test('a check from the page shows that the home went dark, in the title and the icon as well', async ({
  page,
  home,
  server,
}) => {
  await askedNow(server)
  await page.goto(`${server.url}/status`)
  await expect(page).toHaveTitle('Online · Porchlight')
  await home.setFault('cloudflared_offline')
  await page.getByRole('button', { name: 'Check now' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Offline' })).toBeVisible({ timeout: 15_000 })
  await expect(page).toHaveTitle('Offline · Porchlight')
  await expect(page.locator('link[rel=icon]')).toHaveAttribute('href', '/favicon-off.svg')
})

/** Opens the page until the service worker has kept it. */
async function keepPage(page: Page, server: Served) {
  await askedNow(server)
  await page.goto(`${server.url}/status`)
  await page.evaluate(() => navigator.serviceWorker.ready)
  await page.evaluate(() => fetch('/status'))
  await expect.poll(() => page.evaluate(() => caches.match('/status?kept-for=owner').then(Boolean))).toBe(true)
}

test('offline, the phone shows the last answer and says that it is the phone', async ({
  page,
  context,
  server,
  complaints,
}) => {
  await keepPage(page, server)
  await context.setOffline(true)
  await page.goto(`${server.url}/status`)
  await expect(page.getByRole('heading', { level: 1, name: 'Online' })).toBeVisible()
  await expect(page.getByText('Your phone is offline.')).toBeVisible()
  await page.getByRole('button', { name: 'Check when back' }).click()
  await context.setOffline(false)
  await expect(page.getByText('Your phone is offline.')).toBeHidden()
  await expect(page.getByRole('button', { name: 'Check now' })).toBeVisible()
  complaints.length = 0
})

test('an old answer is painted grey and past, before any script', async ({ page, context, server, complaints }) => {
  await keepPage(page, server)
  await page.evaluate(async () => {
    const kept = await caches.open('porchlight-kept')
    const response = await kept.match('/status?kept-for=owner')
    const text = (await response?.text()) ?? ''
    const then = new Date(Date.now() - 14 * 60_000).toISOString()
    const aged = text.replace(/data-checked="[^"]*"/, `data-checked="${then}"`)
    await kept.put('/status?kept-for=owner', new Response(aged, { headers: response?.headers ?? {} }))
  })
  await context.setOffline(true)
  // The page's own script may not help: the service worker alone must do it.
  await context.route('**/status.js', (route) => route.abort())
  await page.goto(`${server.url}/status`)
  await expect(page.getByRole('heading', { level: 1, name: 'Was online' })).toBeVisible()
  await expect(page.getByRole('heading', { level: 1, name: 'Online', exact: true })).toBeHidden()
  complaints.length = 0
})

test('the service worker keeps nothing of the API and no share', async ({ page, server }) => {
  await keepPage(page, server)
  await page.evaluate(() => fetch('/api/health?code=200'))
  const kept = await page.evaluate(async () => {
    const names = await caches.keys()
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()))
    return requests.flat().map(({ url }) => new URL(url).pathname)
  })
  expect(kept).toContain('/llm-test')
  expect(kept.filter((path) => /^\/(api|v1|s|healthz)(\/|$)/.test(path))).toEqual([])
})
