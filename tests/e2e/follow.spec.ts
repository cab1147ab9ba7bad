import type { Page } from '@playwright/test'
import { expect, test } from '../support/e2e/fixtures.ts'

test.use({ viewport: { width: 390, height: 700 }, hasTouch: true })

const scrollY = (page: Page) => page.evaluate(() => window.scrollY)
const gap = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollHeight - window.innerHeight - window.scrollY)
const follow = (page: Page) => page.getByRole('button', { name: 'Follow' })

/** The page does not scroll although the answer grows. */
async function standsStill(page: Page) {
  await expect(follow(page)).toBeVisible()
  // Scrolling by wheel or finger continues for a moment.
  await page.waitForTimeout(600)
  const [y, height] = [await scrollY(page), await gap(page)]
  await expect.poll(() => gap(page)).toBeGreaterThan(height + 100)
  expect(Math.abs((await scrollY(page)) - y)).toBeLessThan(4)
}

test.beforeEach(async ({ bench, page }) => {
  await bench.open()
  await bench.ask('Count to 3000')
  await expect.poll(() => scrollY(page)).toBeGreaterThan(400)
  expect(await gap(page)).toBeLessThan(200)
})

test.afterEach(({ page }) => page.getByRole('button', { name: 'Stop' }).click())

test('pulling the page down with a finger stops following the answer', async ({ page }) => {
  const session = await page.context().newCDPSession(page)
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', y?: number) =>
    session.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: y === undefined ? [] : [{ x: 195, y }],
    })
  await touch('touchStart', 250)
  for (let y = 270; y <= 450; y += 20) await touch('touchMove', y)
  await touch('touchEnd')
  await standsStill(page)
  await follow(page).click()
  await expect.poll(() => gap(page)).toBeLessThan(200)
})

test('PageUp stops following the answer, and End resumes it', async ({ page }) => {
  await page.locator('.prose').click({ position: { x: 5, y: 5 } })
  await page.keyboard.press('PageUp')
  await standsStill(page)
  await page.keyboard.press('End')
  await expect(follow(page)).toBeHidden()
  await expect.poll(() => gap(page)).toBeLessThan(200)
})

test('selecting text stops following the answer and keeps the selection', async ({ page }) => {
  // The numbers are one paragraph, so the selection is in a block that grows.
  const selected = await page.evaluate(() => {
    const prose = document.querySelector('.prose')
    const texts = document.createTreeWalker(prose ?? document, NodeFilter.SHOW_TEXT)
    let text = texts.nextNode()
    for (let next = text; next; next = texts.nextNode())
      if ((next.nodeValue ?? '').length > 12) text = next
    if (!text) throw new Error('there is no text')
    getSelection()?.setBaseAndExtent(text, 1, text, 12)
    return String(getSelection())
  })
  expect(selected).toMatch(/\d+ \d+/)
  await standsStill(page)
  expect(await page.evaluate(() => String(getSelection()))).toBe(selected)
})

test('PageUp and End in a text field move the caret, and the page keeps following the answer', async ({
  page,
}) => {
  await page.setViewportSize({ width: 1280, height: 700 })
  const prompt = page.getByRole('textbox', { name: 'Prompt' })
  await prompt.evaluate((field) => field.focus({ preventScroll: true }))
  await expect.poll(() => gap(page)).toBeLessThan(200)
  await page.keyboard.press('ArrowUp')
  await page.waitForTimeout(800)
  expect(await gap(page)).toBeLessThan(200)
  await expect(follow(page)).toBeHidden()
})
