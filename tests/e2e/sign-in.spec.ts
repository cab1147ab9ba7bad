import type { Page } from '@playwright/test'
import { expectAccessible } from '../support/e2e/accessible.ts'
import { expect, KEY, kept, signIn, test } from '../support/e2e/with-owner-key.ts'

test('a stranger is asked to sign in, and finds their draft again afterwards', async ({
  page,
  owned,
}) => {
  await page.goto(`${owned.url}/llm-test`)
  await expect(page.getByRole('heading', { name: 'Sign in first' })).toBeVisible()
  await page.getByRole('textbox', { name: 'Prompt' }).fill('Count to 5')
  await page.locator('.dock').getByRole('link', { name: 'Sign in' }).click()
  await page.getByLabel('Owner key').fill('not the key')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('alert')).toContainText('That key does not open this home.')
  await page.getByLabel('Owner key').fill(KEY)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('textbox', { name: 'Prompt' })).toHaveValue('Count to 5')
  await page.getByRole('button', { name: /Generate/ }).click()
  await expect(page.getByText('Finished', { exact: true })).toBeVisible({ timeout: 15_000 })
})

test('the sign-in link that the server prints works once and is removed from the address', async ({
  page,
  owned,
  browser,
}) => {
  await page.goto(owned.signIn)
  await expect(page.getByRole('button', { name: /Generate/ })).toBeVisible()
  expect(page.url()).toBe(`${owned.url}/llm-test`)
  const again = await (await browser.newContext()).newPage()
  await again.goto(owned.signIn)
  await expect(again.getByRole('alert')).toContainText('This code is wrong, used or expired')
  expect(again.url()).toBe(`${owned.url}/sign-in`)
  await again.context().close()
})

test('a phone signs in with a one-time code, is listed, and can be signed out from another device', async ({
  page,
  owned,
  browser,
}) => {
  // The address of this computer stands for one that a phone could reach.
  await page.route('**/api/session', async (route) => {
    if (route.request().method() !== 'GET') return route.continue()
    const response = await route.fetch()
    await route.fulfill({
      response,
      json: { ...((await response.json()) as object), reach: owned.url },
    })
  })
  await signIn(page, owned.url)
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('button', { name: 'Sign in on my phone' }).click()
  const offered = page.waitForResponse('**/api/session/codes')
  await page.getByRole('button', { name: 'New code' }).click()
  const { url } = (await (await offered).json()) as { url: string }
  await expect(page.getByRole('img', { name: 'One-time code' })).toBeVisible()
  await expect(page.getByText(/[12]:\d\d left/)).toBeVisible()
  const phone = await (
    await browser.newContext({ userAgent: 'Mozilla/5.0 (iPhone) Version/18 Safari/600' })
  ).newPage()
  await phone.goto(url)
  await expect(phone.getByRole('button', { name: /Generate/ })).toBeVisible()
  await phone.getByRole('textbox', { name: 'Prompt' }).fill('Half a thought')
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'Sign out Safari on iPhone' }).click()
  await expect(page.getByText('Safari on iPhone is signed out.')).toBeVisible()
  // The draft on the phone stays, and the page asks for a sign-in.
  await phone.getByRole('button', { name: /Generate/ }).click()
  await expect(phone.getByRole('heading', { name: 'Sign in first' })).toBeVisible()
  await expect(phone.getByRole('textbox', { name: 'Prompt' })).toHaveValue('Half a thought')
  await phone.context().close()
})

test('signing out deletes everything private from the device, in every tab', async ({
  page,
  owned,
  context,
}) => {
  await signIn(page, owned.url)
  await page.getByRole('textbox', { name: 'Prompt' }).fill('Count to 5')
  await page.getByRole('button', { name: /Generate/ }).click()
  await expect(page.getByText('Finished', { exact: true })).toBeVisible({ timeout: 15_000 })
  await page.goto(`${owned.url}/llm-test`)
  expect(await kept(page)).not.toEqual([])
  await page.evaluate(
    async () => void (await caches.open('porchlight-kept')).put('/status', new Response('mine')),
  )
  const other = await context.newPage()
  await other.goto(`${owned.url}/settings`)
  await other.getByRole('button', { name: 'Sign out everywhere' }).click()
  await expect(other.getByLabel('Owner key')).toBeVisible()
  await expect(page.getByLabel('Owner key')).toBeVisible()
  for (const one of [page, other]) {
    expect(await kept(one)).toEqual([])
    expect(await one.evaluate(() => caches.has('porchlight-kept'))).toBe(false)
  }
  await page.goto(`${owned.url}/llm-test`)
  await expect(page.getByRole('textbox', { name: 'Prompt' })).toHaveValue('')
})

test('a token is created, shown once, and revoked', async ({ page, owned }) => {
  await signIn(page, owned.url)
  await page.goto(`${owned.url}/settings`)
  await page.getByRole('button', { name: 'Create token' }).click()
  await expect(page.getByRole('alert')).toContainText('Give it a name')
  await page.getByLabel('Name').fill('my script')
  await page.getByRole('checkbox', { name: /models:read/ }).check()
  await page.getByText('Limits', { exact: true }).click()
  await page.getByLabel('Requests per minute').fill('7')
  await page.getByLabel('Models, separated by commas').fill('mistral, llama3.2')
  await page.getByRole('button', { name: 'Create token' }).click()
  await expect(
    page.getByText(
      '7 requests per minute · 4 at once · 0 of 500,000 tokens today · mistral, llama3.2',
    ),
  ).toBeVisible()
  const token = (await page.getByText(/^pl_/).textContent()) ?? ''
  const status = async () =>
    (await fetch(`${owned.url}/api/llm/models`, { headers: { Authorization: `Bearer ${token}` } }))
      .status
  expect(await status()).toBe(200)
  await page.reload()
  await expect(page.getByText('my script')).toBeVisible()
  await expect(page.getByText(/^pl_/)).toHaveCount(0)
  await page.getByRole('button', { name: 'Revoke my script' }).click()
  await expect(page.getByText('None yet.')).toBeVisible()
  expect(await status()).toBe(401)
})

/** A phone in light colours and a wide screen in dark ones. */
async function expectAccessibleTwice(page: Page) {
  await expectAccessible(page, { schemes: ['light'], widths: [320] })
  await expectAccessible(page, { schemes: ['dark'], widths: [1280] })
}

test('the pages for signed-out visitors pass axe and do not overflow', async ({ page, owned }) => {
  for (const path of ['/settings', '/sign-in', '/llm-test']) {
    await page.goto(`${owned.url}${path}`)
    await expect(
      page.getByRole('link', { name: 'Sign in' }).or(page.getByLabel('Owner key')).first(),
    ).toBeVisible()
    await expectAccessibleTwice(page)
  }
})

test('the settings pass axe and do not overflow', async ({ page, owned }) => {
  await signIn(page, owned.url)
  await page.goto(`${owned.url}/settings`)
  await expect(page.getByText('this device', { exact: true })).toBeVisible()
  await expectAccessibleTwice(page)
})
