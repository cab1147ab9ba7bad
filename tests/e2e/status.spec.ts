import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Page } from '@playwright/test'
import { buildIfChanged } from '../../scripts/build.ts'
import { startWorker } from '../../scripts/runtime.ts'
import type { FaultName } from '../../simulator/faults.ts'
import type { Served } from '../support/serve.ts'
import { axeOn, expectAccessible } from '../support/e2e/accessible.ts'
import { expect, test } from '../support/e2e/fixtures.ts'

const askedNow = (server: Served) => fetch(`${server.url}/api/health?fresh=1&code=200`)

test.beforeEach(({ home }) => home.reset())
test.afterEach(({ home }) => home.reset())

const STATES = [
  ['Online', null],
  ['Offline', 'cloudflared_offline'],
  ['Model missing', 'no_models'],
] as const satisfies [string, FaultName | null][]

for (const [word, fault] of STATES) {
  test(`a status page with the state ${word} passes axe and does not overflow`, async ({
    page,
    home,
    server,
  }) => {
    if (fault) await home.setFault(fault)
    await askedNow(server)
    await page.goto(`${server.url}/status`)
    await expect(page.getByRole('heading', { level: 1, name: word })).toBeVisible()
    await expectAccessible(page, { widths: [320, 1280] })
  })
}

test('the status page names the fault, the failed rung and the fix without scripts', async ({
  browser,
  home,
  server,
}) => {
  await home.setFault('cloudflared_offline')
  await askedNow(server)
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(`${server.url}/status`)
  await expect(page.getByRole('heading', { level: 1, name: 'Offline' })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Fails at: tunnel' })).toBeVisible()
  await expect(page.getByRole('heading', { name: /^Fix it/ })).toBeVisible()
  await expect(page.locator('.cmd code').first()).toBeVisible()
  await context.close()
})

test('a check from the status page shows that the home went down, in the title and the icon as well', async ({
  page,
  home,
  server,
}) => {
  await askedNow(server)
  await page.goto(`${server.url}/status`)
  await expect(page).toHaveTitle('Online · Porchlight')
  await home.setFault('cloudflared_offline')
  await page.getByRole('button', { name: 'Check now' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Offline' })).toBeVisible({
    timeout: 15_000,
  })
  await expect(page).toHaveTitle('Offline · Porchlight')
  await expect(page.locator('link[rel=icon]')).toHaveAttribute('href', '/favicon-off.svg')
})

/** Opens the page and waits until the service worker has stored it. One visit is enough. */
async function keepPage(page: Page, server: Served) {
  await askedNow(server)
  await page.goto(`${server.url}/status`)
  await expect
    .poll(() => page.evaluate(() => caches.match('/status?kept-for=owner').then(Boolean)))
    .toBe(true)
}

test('the status page on an offline phone shows the last verdict and says that the phone is offline', async ({
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

test('a check that was requested offline runs once, even if the page was closed in between', async ({
  page,
  context,
  server,
  complaints,
}) => {
  const checks: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('/api/health?')) checks.push(request.url())
  })
  await keepPage(page, server)
  await context.setOffline(true)
  await page.goto(`${server.url}/status`)
  await page.getByRole('button', { name: 'Check when back' }).click()
  await expect(page.getByRole('button', { name: 'Checks when back' })).toBeVisible()
  await page.goto('about:blank')
  checks.length = 0
  await context.setOffline(false)
  await page.goto(`${server.url}/status`)
  // A connection that has just returned may fail once more; the page retries after some seconds.
  await expect.poll(() => checks.length, { timeout: 20_000 }).toBe(1)
  await expect(page.getByRole('button', { name: 'Check now' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('button', { name: 'Check now' })).toBeVisible()
  await page.waitForLoadState('networkidle')
  expect(checks).toHaveLength(1)
  complaints.length = 0
})

/** A server without a scheduler, whose last verdict is ten minutes old. */
async function lateServer(homeUrl: string) {
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-late-'))
  const bundle = await buildIfChanged(() => undefined)
  const start = () =>
    startWorker({ bundle, port: 0, folder, bindings: { RUNTIME: 'local', OLLAMA_URL: homeUrl } })
  const first = await start()
  await fetch(`${first?.url}/api/health?fresh=1&code=200`)
  await first?.stop()
  const name = readdirSync(join(folder, 'do'), { recursive: true, encoding: 'utf8' }).find((file) =>
    /[0-9a-f]{64}\.sqlite$/.test(file),
  )
  const database = new DatabaseSync(join(folder, 'do', name ?? ''))
  database.exec('UPDATE home SET checked_at = checked_at - 600000, since = since - 600000')
  database.close()
  return start()
}

test('a late checker is shown in grey and in the past tense as our own fault, not as a home that is down', async ({
  browser,
  home,
}) => {
  await home.setFault('cloudflared_offline')
  const server = await lateServer(home.url)
  for (const javaScriptEnabled of [false, true]) {
    const page = await browser.newPage({ javaScriptEnabled, serviceWorkers: 'block' })
    // A new check fails as well.
    await page.route('**/api/health?**', (route) => route.abort())
    await page.goto(`${server?.url}/status`)
    await expect(page.getByRole('heading', { level: 1, name: 'Was offline' })).toBeVisible()
    await expect(
      page.getByText('Our checker is late. This says nothing about your home.'),
    ).toBeVisible()
    await expect(page.getByText('checked 10 min ago')).toBeVisible()
    await expect(page.getByRole('heading', { name: /^Fix it/ })).toBeHidden()
    await expect(page).toHaveTitle('Status · Porchlight')
    await expect(page.locator('link[rel=icon]')).toHaveAttribute('href', '/favicon-unknown.svg')
    await page.close()
  }
  await server?.stop()
})

test('a phone with a wrong clock does not show a fresh verdict as old', async ({
  browser,
  server,
}) => {
  await askedNow(server)
  for (const offMs of [-10 * 60_000, 10 * 60_000]) {
    const context = await browser.newContext({ serviceWorkers: 'block' })
    const page = await context.newPage()
    await page.clock.install({ time: Date.now() + offMs })
    await page.goto(`${server.url}/status`)
    await page.clock.runFor(6000)
    await expect(page.getByRole('heading', { level: 1, name: 'Online', exact: true })).toBeVisible()
    await expect(page.locator('#checked')).toHaveText(/^\d+ s$/)
    await expect(page).toHaveTitle('Online · Porchlight')
    await context.close()
  }
})

test('an open status page shows the beginning and the end of maintenance, and passes axe', async ({
  page,
  home,
  server,
}) => {
  const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString()
  const plan = (maintenance: { from: string; to: string } | null) =>
    fetch(`${server.url}/api/alerts`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ maintenance }),
    })
  await home.setFault('cloudflared_offline')
  await askedNow(server)
  await page.goto(`${server.url}/status`)
  await plan({ from: at(-5), to: at(60) })
  // An open page shows it.
  await page.getByRole('button', { name: 'Check now' }).click()
  await expect(page.getByText(/^Maintenance until/)).toBeVisible({ timeout: 15_000 })
  const { violations } = await axeOn(page).analyze()
  expect(violations.map(({ id }) => id)).toEqual([])
  await plan(null)
  await page.getByRole('button', { name: 'Check now' }).click()
  await expect(page.getByText(/^Maintenance until/)).toBeHidden({ timeout: 15_000 })
})

test('the status page offers to warm up a cold model, follows the load, and then links to the bench', async ({
  page,
  server,
}) => {
  const loaded = async () =>
    ((await (await fetch(`${server.url}/api/loaded`)).json()) as { models: { name: string }[] })
      .models
  const headers = { 'Content-Type': 'application/json' }
  for (const { name: model } of await loaded())
    await fetch(`${server.url}/api/unload`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ model }),
    })
  await expect.poll(loaded).toEqual([])
  await askedNow(server)
  await page.goto(`${server.url}/status`)
  const bench = page.locator('.dock').getByRole('link', { name: 'LLM Test' })
  await expect(page.getByText('No model is loaded.')).toBeVisible()
  await expect(bench).toBeHidden()
  await page.getByRole('button', { name: 'Warm up' }).click()
  await expect(page.getByRole('button', { name: /^Loading \S+, \d+ s$/ })).toBeDisabled()
  await expect(bench).toBeVisible({ timeout: 15_000 })
  await expect(page.getByRole('button', { name: /Loading|Warm up/ })).toBeHidden()
  await expect(page.getByText(/on the GPU · context [\d,]+ · unloads in/)).toBeVisible()
})

test('the status page on a small phone cuts nothing off at twice the text size', async ({
  page,
  home,
  server,
}) => {
  await home.setFault('cloudflared_offline')
  await askedNow(server)
  await page.setViewportSize({ width: 320, height: 700 })
  await page.goto(`${server.url}/status`)
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'))
  const cut = await page
    .locator('.card *:visible, .dock *:visible, header *:visible')
    .evaluateAll((nodes) =>
      nodes
        .filter(
          (node) =>
            node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).display !== 'inline',
        )
        .map((node) => node.outerHTML.slice(0, 80)),
    )
  expect(cut).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
})

test('the status page does not move for users who prefer reduced motion', async ({
  page,
  server,
}) => {
  await askedNow(server)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.goto(`${server.url}/status`)
  const moving = await page
    .locator('*')
    .evaluateAll(
      (nodes) =>
        nodes
          .flatMap((node) =>
            [node, null].map((_, nth) => getComputedStyle(node, nth === 0 ? null : '::before')),
          )
          .filter(
            ({ animationName, transitionDuration }) =>
              animationName !== 'none' || !/^0s(, 0s)*$/.test(transitionDuration),
          ).length,
    )
  expect(moving).toBe(0)
})

test('the service worker shows an old verdict in the past tense without the script of the page', async ({
  page,
  context,
  server,
  complaints,
}) => {
  await keepPage(page, server)
  await page.evaluate(async () => {
    const kept = await caches.open('porchlight-kept')
    const response = await kept.match('/status?kept-for=owner')
    const text = (await response?.text()) ?? ''
    const then = new Date(Date.now() - 14 * 60_000).toISOString()
    const aged = text.replace(/data-checked="[^"]*"/, `data-checked="${then}"`)
    await kept.put(
      '/status?kept-for=owner',
      new Response(aged, { headers: response?.headers ?? {} }),
    )
  })
  await context.setOffline(true)
  // The page's own script is blocked: the service worker must do it alone.
  await context.route('**/status.js?v=*', (route) => route.abort())
  await page.goto(`${server.url}/status`)
  await expect(page.getByRole('heading', { level: 1, name: 'Was online' })).toBeVisible()
  await expect(page.getByRole('heading', { level: 1, name: 'Online', exact: true })).toBeHidden()
  complaints.length = 0
})

/** The same server, with a service worker of another version from `update` on. */
async function updatable(to: string) {
  let suffix = ''
  let isSilent = false
  const server = createServer((request, response) => {
    if (isSilent) return
    const accept = request.headers.accept ?? '*/*'
    fetch(`${to}${request.url}`, { redirect: 'manual', headers: { Accept: accept } })
      .then(async (answer) => {
        const kept = [...answer.headers].filter(
          ([name]) => !/^(content-(encoding|length)|transfer-encoding|connection|etag)$/.test(name),
        )
        const body = Buffer.from(await answer.arrayBuffer())
        const more = request.url === '/service-worker.js' ? suffix : ''
        response
          .writeHead(answer.status, Object.fromEntries(kept))
          .end(Buffer.concat([body, Buffer.from(more)]))
      })
      .catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    update: () => (suffix = `\n// ${Math.random()}`),
    silence: () => (isSilent = true),
    stop: () => (server.closeAllConnections(), server.close()),
  }
}

for (const path of ['/status', '/llm-test']) {
  test(`a new version of ${path} waits for a reload by the user, and the old one works until then`, async ({
    browser,
    server,
  }) => {
    await askedNow(server)
    const site = await updatable(server.url)
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(`${site.url}${path}`)
    await page.evaluate(() => navigator.serviceWorker.ready)
    await page.reload()
    const prompt = page.getByText('A new version of Porchlight is available.')
    await expect(prompt).toBeHidden()
    site.update()
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update())
    await expect(prompt).toBeVisible()
    const { violations } = await axeOn(page).analyze()
    expect(violations.map(({ id }) => id)).toEqual([])
    await page.evaluate(() => Object.assign(globalThis, { isStillThere: true }))
    await page.waitForTimeout(500)
    expect(await page.evaluate(() => 'isStillThere' in globalThis)).toBe(true)
    await page.getByRole('button', { name: 'Reload' }).click()
    await expect
      .poll(() => page.evaluate(() => 'isStillThere' in globalThis).catch(() => true))
      .toBe(false)
    await expect(prompt).toBeHidden()
    await context.close()
    site.stop()
  })
}

test('the status page shows the last verdict on a connection that carries no data', async ({
  browser,
  server,
}) => {
  test.slow()
  await askedNow(server)
  const site = await updatable(server.url)
  const context = await browser.newContext()
  const first = await context.newPage()
  await keepPage(first, { ...server, url: site.url })
  site.silence()
  const page = await context.newPage()
  await page.goto(`${site.url}/status`, { waitUntil: 'commit' })
  await expect(page.getByRole('heading', { level: 1, name: 'Online', exact: true })).toBeVisible()
  await expect(page.getByText(/^for \d+ (s|min), since/)).toBeVisible()
  // The page soon reports that Porchlight itself does not respond.
  await expect(page.getByText('Porchlight cannot be reached.')).toBeVisible({ timeout: 20_000 })
  await context.close()
  site.stop()
})

test('moving between pages offers no new version if there is none', async ({ page, server }) => {
  const settled = () =>
    page.evaluate(async () => {
      const { active, waiting, installing } = await navigator.serviceWorker.ready
      return [active?.state, waiting, installing]
    })
  for (const path of ['/llm-test', '/status', '/llm-test', '/status']) {
    await page.goto(`${server.url}${path}`)
    await expect.poll(settled).toEqual(['activated', null, null])
    await expect(page.getByText('A new version of Porchlight is available.')).toBeHidden()
  }
})

test('a stored status page keeps using the script that was stored with it', async ({
  page,
  context,
  server,
  complaints,
}) => {
  await keepPage(page, server)
  const script = await page.locator('script[src^="/status.js?v="]').getAttribute('src')
  await expect
    .poll(() => page.evaluate((path) => caches.match(path ?? '').then(Boolean), script))
    .toBe(true)
  await context.setOffline(true)
  await page.goto(`${server.url}/status`)
  await expect(page.getByText('Your phone is offline.')).toBeVisible()
  complaints.length = 0
})

test('the service worker stores no API responses and no shares', async ({ page, server }) => {
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
