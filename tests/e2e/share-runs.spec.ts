import type { Page } from '@playwright/test'
import { expect, test } from '../support/e2e/fixtures.ts'

const MODEL = 'llama3.2:latest'
const SECRET = 'sk-abcdefghijklmnopqrstuvwx'

/** Runs a recipe to its end, without a page. */
async function finishedRun(url: string, recipe: object): Promise<string> {
  const headers = { 'Content-Type': 'application/json' }
  const answer = await fetch(`${url}/api/runs`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ model: MODEL, ...recipe }),
  })
  const { id } = (await answer.json()) as { id: string }
  await (await fetch(`${url}/api/runs/${id}/events`)).text()
  return id
}

/** Selects the runs in the list, and opens the share dialog. */
async function choose(page: Page, url: string, prompts: readonly string[]) {
  await page.goto(`${url}/runs`)
  for (const prompt of prompts)
    await page
      .getByRole('checkbox', { name: `Choose ${prompt}` })
      .first()
      .check()
  await page.getByRole('button', { name: 'Share chosen' }).click()
}

test('several runs go into one link, and the dialog warns of what would become public', async ({
  page,
  server,
  home,
}) => {
  await home.reset()
  await finishedRun(server.url, {
    prompt: 'Count to 4',
    system: `Use ${SECRET}`,
    options: { seed: 7 },
  })
  await finishedRun(server.url, { prompt: 'Count to 6' })
  await choose(page, server.url, ['Count to 4', 'Count to 6'])
  const dialog = page.getByRole('dialog', { name: 'Share 2 runs' })
  await expect(dialog.getByRole('listitem').filter({ hasText: /^Count to/ })).toHaveCount(2)
  await expect(dialog.getByText('Nothing here looks like a key')).toBeVisible()
  await dialog.getByRole('checkbox', { name: /System prompt/ }).check()
  await expect(dialog.getByText('an API key in the system prompt')).toBeVisible()
  await dialog.getByRole('checkbox', { name: /System prompt/ }).uncheck()
  await dialog.getByRole('checkbox', { name: /run it again/ }).check()
  await dialog.getByRole('button', { name: 'Create link' }).click()
  const link =
    (await page.getByRole('dialog', { name: 'The link is ready' }).locator('code').textContent()) ??
    ''
  await page.goto(link)
  await expect(page.getByRole('region', { name: 'Test 1' })).toContainText('Count to')
  await expect(page.getByRole('region', { name: 'Test 2' })).toContainText('Count to')
  await expect(page.getByText('1 2 3 4 5 6')).toBeVisible()
  expect(await page.content()).not.toContain(SECRET)
  await expect(page.getByRole('radio', { name: 'Run this one again' })).toHaveCount(2)
})

test('a guest opens the shared recipe in their own bench, without the hidden parts', async ({
  page,
  server,
  home,
}) => {
  await home.reset()
  await finishedRun(server.url, {
    prompt: 'Count to 8',
    system: `Use ${SECRET}`,
    options: { seed: 7 },
  })
  await choose(page, server.url, ['Count to 8'])
  await page.getByRole('button', { name: 'Create link' }).click()
  const link =
    (await page.getByRole('dialog', { name: 'The link is ready' }).locator('code').textContent()) ??
    ''
  const before = home.asked().length
  await page.goto(link)
  await page.getByText('Open in my bench').click()
  const open = page.getByRole('link', { name: 'Open as a draft' })
  await expect(open).toHaveAttribute('href', new RegExp(`^${server.url}/llm-test#r=1\\.[\\w-]+$`))
  await expect(open).toHaveAttribute('rel', 'noreferrer noopener')
  const address = page.getByLabel('Address of your Porchlight')
  for (const [typed, origin] of [
    ['localhost:8787', 'http://localhost:8787'],
    ['bench.example/some/path?x', 'https://bench.example'],
  ]) {
    await address.fill(typed ?? '')
    await expect(open).toHaveAttribute('href', new RegExp(`^${origin}/llm-test#r=1`))
  }
  for (const typed of ['javascript:alert(1)//', 'http://', 'https://[x']) {
    await address.fill(typed)
    await expect(page.getByRole('alert')).toContainText('This is not an address')
    await expect(open).toHaveCount(0)
  }
  await address.fill(server.url)
  await open.click()
  await expect(page.getByRole('textbox', { name: 'Prompt' })).toHaveValue('Count to 8')
  expect(
    await page.evaluate(() =>
      JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)]),
    ),
  ).not.toContain(SECRET)
  expect(
    home
      .asked()
      .slice(before)
      .filter(({ path }) => /generate|chat/.test(path)),
  ).toEqual([])
})
