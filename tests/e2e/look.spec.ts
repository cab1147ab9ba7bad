import type { FaultName } from '../../simulator/faults.ts'
import { axeOn, expectAccessible } from '../support/e2e/accessible.ts'
import { expect, test } from '../support/e2e/fixtures.ts'

const STATES = [
  ['up', null],
  ['down', 'cloudflared_offline'],
  ['model missing', 'no_models'],
] as const satisfies [string, FaultName | null][]

for (const [name, fault] of STATES) {
  for (const scheme of ['light', 'dark'] as const) {
    test(`a bench whose home is ${name} passes axe and does not overflow, ${scheme}`, async ({
      bench,
      page,
      home,
    }) => {
      if (fault) await home.setFault(fault)
      await bench.open()
      await expect(page.getByRole('button', { name: /ONLINE|OFFLINE|MODEL MISSING/ })).toBeVisible()
      await page.getByText('Options', { exact: true }).click()
      await expectAccessible(page, { schemes: [scheme], widths: [320, 390, 1280] })
    })
  }
}

test('an answer with code and a table passes axe and does not overflow a phone', async ({
  bench,
  page,
}) => {
  await page.setViewportSize({ width: 320, height: 700 })
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await bench.open()
  await bench.ask('Write a retry function and compare strategies in a table')
  await expect(page.getByText('Finished', { exact: true })).toBeVisible({ timeout: 20_000 })
  await expect(page.getByRole('cell', { name: 'Fixed' })).toBeVisible()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
  expect(
    (await axeOn(page).analyze()).violations.map(({ id, nodes }) => [id, nodes[0]?.html]),
  ).toEqual([])
})

test('the bench does not overflow at twice the text size', async ({ bench, page }) => {
  await page.setViewportSize({ width: 640, height: 800 })
  await bench.open()
  await page.evaluate(() => (document.documentElement.style.fontSize = '32px'))
  await expect(page.getByRole('button', { name: /Generate/ })).toBeVisible()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(640)
})

test('the chosen theme is applied after a reload', async ({ bench, page }) => {
  await page.emulateMedia({ colorScheme: 'light' })
  await bench.open()
  await page.getByRole('button', { name: 'Switch theme' }).click()
  const ground = () =>
    page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--bg'))
  const dark = await ground()
  await page.reload({ waitUntil: 'commit' })
  await expect.poll(ground).toBe(dark)
})

test('the bench can be read before any script has run', async ({ browser, server }) => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(`${server.url}/llm-test`)
  await expect(page.getByText('CHECKING', { exact: true })).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'Prompt' })).toBeVisible()
  await context.close()
})

const HOSTILE = [
  '<img src=x onerror=document.title="owned"><script>document.title="owned"</script>',
  '![x](https://evil.example/p.png) <svg onload=document.title="owned">',
  '[click](javascript:document.title="owned") [u](https://a:b@evil.example)',
  '<iframe src=https://evil.example></iframe><style>*{display:none}</style>',
]

test('a hostile answer makes no request, runs no script and adds no element', async ({
  bench,
  page,
  complaints,
}) => {
  for (const prompt of HOSTILE) {
    await bench.open()
    await bench.ask(prompt)
    await expect(page.getByText('Finished', { exact: true })).toBeVisible({ timeout: 20_000 })
    expect(await page.title()).toBe('LLM Test · Porchlight')
    expect(
      await page
        .locator('.prose')
        .locator(
          'img, script, svg:not(.i), iframe, style, object, a[href^="javascript"], a[href*="@"]',
        )
        .count(),
    ).toBe(0)
  }
  expect(complaints).toEqual([])
})
