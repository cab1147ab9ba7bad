import type { Page } from '@playwright/test'
import { axeOn } from '../support/e2e/accessible.ts'
import { expect, test } from '../support/e2e/fixtures.ts'

/** Shares the run on the bench, with up to three runs for guests. Returns the link. */
async function createLink(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Share this run' })
  await dialog.getByRole('checkbox', { name: /run it again/ }).check()
  await dialog.getByLabel('Number of runs').fill('3')
  await dialog.getByLabel('Tokens per answer').fill('100')
  expect(
    (await axeOn(page).include('dialog[open]').analyze()).violations.map(({ id }) => id),
  ).toEqual([])
  await dialog.getByRole('button', { name: 'Create link' }).click()
  const ready = page.getByRole('dialog', { name: 'The link is ready' })
  const link = (await ready.locator('code').textContent()) ?? ''
  expect(link).toMatch(/\/s\/[a-z2-7]{10}#[\w-]{27}$/)
  await expect(ready.getByRole('img', { name: 'QR code of the link' })).toBeVisible()
  await ready.getByRole('button', { name: 'Done' }).click()
  return link
}

test('an owner shares a run, a guest reads it on a phone and waits behind the owner, and revoking the link ends the run', async ({
  bench,
  page,
  browser,
  server,
  home,
}) => {
  await bench.open()
  await bench.ask('Count to 5')
  const link = await createLink(page)

  const context = await browser.newContext({
    viewport: { width: 320, height: 640 },
    serviceWorkers: 'block',
  })
  const guest = await context.newPage()
  const elsewhere: string[] = []
  const errors: string[] = []
  guest.on(
    'request',
    (request) => request.url().startsWith(server.url) || elsewhere.push(request.url()),
  )
  guest.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  const before = home.asked().length
  await guest.goto(link)
  await expect(guest.getByRole('region', { name: 'Answer', exact: true })).toContainText(
    '1 2 3 4 5',
  )
  expect(guest.url()).not.toContain('#')
  expect(home.asked().length).toBe(before)
  expect(await guest.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
  expect((await axeOn(guest).analyze()).violations.map(({ id }) => id)).toEqual([])
  await guest.reload()
  await expect(guest.getByRole('button', { name: 'Run it again (3 left)' })).toBeVisible()
  await expect(guest.getByText('At most 100 tokens')).toBeVisible()
  await guest.getByRole('button', { name: /Run it again/ }).click()
  await expect(guest.getByText(/The owner’s runs go first/)).toBeVisible()

  await page.goto(`${server.url}/shares`)
  await page.getByRole('button', { name: 'Revoke' }).first().click()
  await expect(guest.getByRole('region', { name: 'Your run' })).toContainText(/ended|stopped/, {
    timeout: 10_000,
  })
  expect(errors.filter((text) => !/401|404|410/.test(text))).toEqual([])
  await guest.goto('about:blank')
  await guest.goto(link)
  await expect(guest.getByRole('heading', { name: 'This link does not open' })).toBeVisible()
  await expect(guest.getByText(/revoked/)).toBeVisible()
  expect(elsewhere).toEqual([])
  await context.close()
})
