import type { Page } from '@playwright/test'
import type { Problem } from '../../src/lib/contract/problem.ts'
import { CAUSES, type Cause } from '../../src/lib/diagnosis/index.ts'
import { expectAccessible } from '../support/e2e/accessible.ts'
import { expect, test } from '../support/e2e/fixtures.ts'

const ladder = (page: Page) => page.getByRole('dialog', { name: 'State of the home' })
const rung = (page: Page, name: string) =>
  ladder(page).getByRole('list', { name: 'Ladder' }).getByRole('listitem').filter({ hasText: name })
const openLadder = (page: Page) => page.locator('button.chip').click()

test('the chip opens a ladder that shows the failed rung, the expected and the actual answer, and the fix', async ({
  bench,
  page,
  home,
}) => {
  await home.setFault('cloudflared_offline')
  await bench.open()
  await openLadder(page)
  await expect(rung(page, 'Connection accepted')).toContainText('connect')
  await expect(rung(page, 'tunnel')).toContainText('dark')
  await expect(rung(page, 'model')).toContainText('not reached')
  await expect(ladder(page)).toContainText('Expected')
  await expect(ladder(page)).toContainText('error 1033')
  await expect(ladder(page).getByRole('button', { name: 'Copy command' }).first()).toBeVisible()
})

test('a ladder that is opened before the scripts run is filled as soon as they run', async ({
  bench,
  page,
  server,
}) => {
  let release = () => {}
  const isReleased = new Promise<void>((resolve) => (release = resolve))
  await page.route(`${server.url}/_app/**/*.js`, async (route) => {
    await isReleased
    await route.continue()
  })
  const opened = bench.open()
  await openLadder(page)
  await expect(ladder(page)).toBeVisible()
  release()
  await opened
  await expect(ladder(page).getByRole('button', { name: 'Check now' })).toBeVisible()
  await expect(rung(page, 'config')).toContainText('Address is usable')
})

test('rungs appear on the ladder while the check is still in progress', async ({
  bench,
  page,
  home,
}) => {
  await bench.open()
  await home.setFault('slow')
  await openLadder(page)
  await ladder(page).getByRole('button', { name: 'Check now' }).click()
  await expect(rung(page, 'config')).toContainText('Address is usable')
  await expect(rung(page, 'model')).toContainText('…')
  await expect(ladder(page)).toContainText('Everything answers, but slowly', { timeout: 10_000 })
})

test('a copied report contains the evidence but not the address of the home', async ({
  bench,
  page,
  home,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await home.setFault('nginx_bad_gateway')
  await bench.open()
  await openLadder(page)
  await ladder(page).getByRole('button', { name: 'Copy report' }).click()
  const report = await page.evaluate(() => navigator.clipboard.readText())
  expect(report).toContain('proxy_bad_gateway')
  expect(report).toContain('502 Bad Gateway')
  expect(report).not.toContain('127.0.0.1')
  expect(report).not.toContain(new URL(home.url).port)
})

test('the chosen tunnel and system decide which command is shown, and the choice survives a reload', async ({
  bench,
  page,
  home,
}) => {
  await home.setFault('host_check')
  await bench.open()
  const card = page.getByRole('region', { name: 'Ollama refuses this host name' })
  // On this machine, a home without a tunnel is the likeliest; every tunnel can be chosen.
  await expect(card).toContainText('OLLAMA_HOST=0.0.0.0 ollama serve')
  await card.getByRole('radio', { name: 'cloudflared', exact: true }).check({ force: true })
  await expect(card).toContainText('cloudflared tunnel --url')
  await card.getByRole('radio', { name: 'ngrok' }).check({ force: true })
  await card.getByRole('radio', { name: 'Windows' }).check({ force: true })
  await expect(card).toContainText('ngrok http 11434 --host-header=localhost:11434')
  await expect(card).toContainText('setx OLLAMA_HOST 0.0.0.0')
  await page.reload()
  await expect(card).toContainText('ngrok http 11434')
  await card.getByRole('radio', { name: 'ngrok' }).focus()
  await page.keyboard.press('ArrowRight')
  await expect(card).toContainText('OLLAMA_HOST=0.0.0.0 ollama serve')
})

test('a refused run shows the same title and help link as a check', async ({
  bench,
  page,
  home,
  complaints,
}) => {
  await home.setFault('cold_load_524')
  await bench.open()
  await bench.ask('Hello')
  const card = page.getByRole('region', { name: CAUSES.timed_out.title })
  await expect(card).toContainText('Trying again at once starts the loading over')
  await expect(card.getByRole('link', { name: 'More about timed_out' })).toHaveAttribute(
    'href',
    '/help/timed_out',
  )
  complaints.length = 0
})

test('every cause has a help page, and the API links to it', async ({
  page,
  server,
  home,
  bench,
}) => {
  for (const cause of Object.keys(CAUSES) as Cause[]) {
    const response = await page.request.get(`${server.url}/help/${cause}`)
    expect(response.status(), cause).toBe(200)
    expect(await response.text()).toContain(
      CAUSES[cause].about.slice(0, 40).replaceAll('&', '&amp;'),
    )
  }
  await bench.open()
  await expect(page.getByText(/^Available models/)).toBeVisible()
  await home.setFault('nginx_bad_gateway')
  const refused = await page.request.get(`${server.url}/api/llm/models`)
  expect(((await refused.json()) as Problem).type).toBe('/help/ollama_down')
})

test('an unknown cause has no help page', async ({ page, server, complaints }) => {
  expect((await page.request.get(`${server.url}/help/gremlins`)).status()).toBe(404)
  expect(complaints).toEqual([])
})

for (const [width, path] of [
  [320, '/help'],
  [390, '/help/tunnel_down'],
  [1280, '/help/access_blocked'],
] as const) {
  test(`the page ${path} passes axe and does not overflow at ${width} px`, async ({
    page,
    server,
    bench,
  }) => {
    await bench.open()
    await page.goto(`${server.url}${path}`)
    await expect(page.getByRole('button', { name: /ONLINE/ })).toBeVisible()
    await expectAccessible(page, { widths: [width] })
  })
}
