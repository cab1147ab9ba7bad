import type { Page } from '@playwright/test'
import { DEMO_MODELS } from '../../simulator/models.ts'
import { expect, test } from '../support/e2e/fixtures.ts'

const PHONE = { width: 390, height: 844 }
const LONG = 'Donaudampfschifffahrtsgesellschaft'.repeat(6)

const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
const finished = (page: Page) =>
  expect(page.getByText('Finished', { exact: true })).toBeVisible({
    timeout: 15_000,
  })

test('very long words do not overflow a phone', async ({ bench, page }) => {
  await page.setViewportSize(PHONE)
  await bench.open()
  await bench.ask(`${LONG} \`${LONG}\``)
  await finished(page)
  expect(await overflow(page)).toBeLessThanOrEqual(0)
})

test('sixty models with long names neither overflow nor fill a phone', async ({
  bench,
  page,
  home,
}) => {
  await page.setViewportSize(PHONE)
  const [model] = DEMO_MODELS
  home.setModels(
    Array.from({ length: 60 }, (_, nth) => ({
      ...model,
      name: `registry.example/a-rather-long-namespace/a-model-with-a-very-long-name-${nth}:70b-instruct-q4_K_M`,
    })),
  )
  await bench.open()
  await expect(page.getByText(/^Available models/)).toBeVisible()
  const caption = await page.getByText(/^Available models/).boundingBox()
  expect(caption?.height).toBeLessThan(80)
  expect(await overflow(page)).toBeLessThanOrEqual(0)
  await page.getByLabel('Model', { exact: true }).click()
  await expect(page.getByRole('option').nth(3)).toBeVisible()
  expect(await overflow(page)).toBeLessThanOrEqual(0)
  const name = page.getByRole('option').nth(1).locator('b')
  expect(await name.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0)
  const box = await name.boundingBox()
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(PHONE.width - 80)
})

const large = (page: Page) =>
  page.evaluate(() => (document.documentElement.style.fontSize = '32px'))
const truncated = (page: Page) =>
  page.evaluate(() =>
    [
      ...document.querySelectorAll(
        '.btn, .chip, .tag, .brand, .nav a, h2, dd, dt, b, .rung span, .top',
      ),
    ]
      .filter(
        (element) => element.checkVisibility() && element.scrollWidth > element.clientWidth + 1,
      )
      .filter((element) => getComputedStyle(element).display !== 'inline')
      .map((element) => element.outerHTML.slice(0, 80)),
  )

test('a phone shows a whole answer at twice the text size', async ({ bench, page }) => {
  await page.setViewportSize(PHONE)
  await bench.open()
  await large(page)
  await bench.ask('Write a haiku')
  await finished(page)
  expect([await overflow(page), await truncated(page)]).toEqual([0, []])
})

test('a phone shows a whole fault at twice the text size', async ({ bench, page, home }) => {
  await page.setViewportSize(PHONE)
  await home.setFault('cloudflared_offline')
  await bench.open()
  await large(page)
  await expect(page.getByRole('button', { name: 'Try anyway' })).toBeVisible()
  await page.getByText('Options', { exact: true }).click()
  expect([await overflow(page), await truncated(page)]).toEqual([0, []])
})

test('a finished run on a phone can be edited, or run again with one tap', async ({
  bench,
  page,
}) => {
  await page.setViewportSize(PHONE)
  await bench.open()
  await bench.ask('Write a haiku')
  await finished(page)
  await expect(page.getByRole('textbox', { name: 'Prompt' })).toBeHidden()
  await page.getByRole('button', { name: 'Run again' }).click()
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible()
  await finished(page)
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  const prompt = page.getByRole('textbox', { name: 'Prompt' })
  await expect(prompt).toBeFocused()
  await prompt.fill('')
  await page.reload()
  await expect(prompt).toBeVisible()
  await expect(page.getByRole('button', { name: 'Generate' })).toBeVisible()
})

test('a failed run says when it failed, even after the home is fixed', async ({
  bench,
  page,
  home,
  complaints,
}) => {
  await bench.open()
  await expect(page.getByRole('button', { name: 'ONLINE' })).toBeVisible()
  await home.setFault('load_failed')
  await bench.ask('Hello')
  await expect
    .poll(() => home.asked().filter(({ path }) => path === '/api/generate'))
    .toHaveLength(1)
  await home.setFault(null)
  await expect(page.getByText(/failed \d.*ago/)).toBeVisible()
  complaints.length = 0
})

test('Escape closes an open popover or menu first, and only then stops the run', async ({
  bench,
  page,
}) => {
  await bench.open()
  await bench.ask('Count to 3000')
  await page.getByRole('button', { name: 'ONLINE' }).click()
  const ladder = page.getByRole('dialog', { name: 'State of the home' })
  await expect(ladder).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(ladder).toBeHidden()
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible()
  await page.getByLabel('Model', { exact: true }).click()
  await expect(page.getByRole('option').nth(1)).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('option').nth(1)).toBeHidden()
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'Generate' })).toBeVisible()
})

test('a second tab shows the same run, and each tab restores its own run after a reload', async ({
  bench,
  page,
  context,
  server,
  home,
}) => {
  await bench.open()
  await bench.ask('Count to 3000')
  const shown = { name: 'Result' }
  await expect(page.getByRole('region', shown)).toContainText('1 2 3')
  const other = await context.newPage()
  await other.goto(`${server.url}/llm-test`)
  await expect(other.getByRole('button', { name: 'Stop' })).toBeVisible()
  await expect(other.getByRole('region', shown)).toContainText('1 2 3')
  await page.keyboard.press('Escape')
  await expect(page.getByText('Stopped', { exact: true })).toBeVisible()
  await expect(other.getByText('Stopped', { exact: true })).toBeVisible()
  expect(home.asked().filter(({ path }) => path === '/api/generate')).toHaveLength(1)
  await other.getByRole('textbox', { name: 'Prompt' }).fill('Write a haiku')
  await other.getByRole('button', { name: 'Generate' }).click()
  await finished(other)
  await page.reload()
  await expect(page.getByText('Stopped', { exact: true })).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'Prompt' })).toHaveValue('Count to 3000')
})

const CORRUPT = [
  ['{"options":null}', '{"state":"done"}'],
  ['{"prompt":7,"options":[1]}', '{"state":"failed","failure":7}'],
  ['{bad', '[]'],
  ['null', '"text"'],
] as const

for (const [draft, run] of CORRUPT) {
  test(`a page whose storage holds ${draft} and ${run} works and replaces both`, async ({
    bench,
    page,
  }) => {
    await page.addInitScript(
      ([draft, run]) => {
        localStorage.setItem('porchlight.draft', draft)
        localStorage.setItem('porchlight.run', run)
      },
      [draft, run] as const,
    )
    await bench.open()
    await bench.ask('Write a haiku')
    await finished(page)
    const stored = (key: string) =>
      page.evaluate((name) => JSON.parse(localStorage.getItem(name) ?? 'null') as unknown, key)
    await expect.poll(() => stored('porchlight.draft')).toMatchObject({ prompt: 'Write a haiku' })
    await expect.poll(() => stored('porchlight.run')).toMatchObject({ state: 'done' })
  })
}

test('full storage is reported with what to do about it', async ({ bench, page }) => {
  await bench.open()
  await expect(page.getByRole('button', { name: 'ONLINE' })).toBeVisible()
  await page.evaluate(() => {
    try {
      for (let size = 1 << 22; size > 0;) {
        try {
          localStorage.setItem(`filler${Math.random()}`, 'a'.repeat(size))
        } catch {
          size >>= 1
        }
      }
    } catch {
      // The storage is full now.
    }
  })
  await page.getByRole('textbox', { name: 'Prompt' }).fill('a'.repeat(5000))
  await expect(
    page.getByText(/Copy the draft elsewhere before you leave, or shorten it/),
  ).toBeVisible()
})

test('the bench says that it needs scripts if they are turned off', async ({ browser, server }) => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(`${server.url}/llm-test`)
  // Playwright's text locators skip noscript.
  await expect(page.locator('noscript p')).toHaveText(/^This page needs JavaScript/)
  await expect(page.locator('noscript p')).toBeVisible()
  await context.close()
})
