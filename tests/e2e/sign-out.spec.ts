import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium } from '@playwright/test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { expect, kept, signIn, test } from '../support/e2e/with-owner-key.ts'

test('going back after signing out shows nothing private, although the browser kept the page in memory', async ({
  owned,
}) => {
  // Browsers keep pages in memory after navigation; test browsers usually do not.
  const browser = await chromium.launch({
    ...(process.env.CHROME_PATH ? { executablePath: process.env.CHROME_PATH } : {}),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
  const page = await browser.newPage()
  const isRestored: boolean[] = []
  await page.exposeFunction('restored', (yes: boolean) => isRestored.push(yes))
  await page.addInitScript(() =>
    addEventListener('pageshow', ({ persisted }) =>
      (window as unknown as { restored: (yes: boolean) => void }).restored(persisted),
    ),
  )
  await signIn(page, owned.url)
  await page.goto(`${owned.url}/llm-test`)
  await page.getByRole('textbox', { name: 'Prompt' }).fill('Something private')
  await page.goto(`${owned.url}/settings`)
  await page.getByRole('button', { name: /^Sign out (?!everywhere)/ }).click()
  await expect(page.getByLabel('Owner key')).toBeVisible()
  await page.goBack()
  await expect(page.getByLabel('Owner key')).toBeVisible()
  await expect(page).toHaveURL(`${owned.url}/sign-in`)
  expect(await kept(page)).toEqual([])
  expect(isRestored).toContain(true)
  await browser.close()
})

test.describe('Cloudflare Access', () => {
  const AUD = 'the-application'
  let team = { url: '', assertion: () => Promise.resolve(''), stop: () => {} }

  test.beforeAll(async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256')
    const keys = {
      keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }],
    }
    const server = createServer((_, response) => void response.end(JSON.stringify(keys)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const jwt = () =>
      new SignJWT()
        .setProtectedHeader({ alg: 'RS256', kid: 'one' })
        .setIssuedAt()
        .setExpirationTime('1h')
    const assertion = () =>
      jwt().setIssuer(url).setAudience(AUD).setSubject('a person').sign(privateKey)
    team = { url, assertion, stop: () => server.close() }
  })
  test.afterAll(() => team.stop())

  test.use({
    settings: async ({}, use) => use({ ACCESS_TEAM_DOMAIN: team.url, ACCESS_AUD: AUD }),
  })

  test('Cloudflare Access signs in, and signing out ends at Access with nothing private left on the device', async ({
    page,
    owned,
  }) => {
    await page.goto(`${owned.url}/sign-in?to=/settings`)
    const link = page.getByRole('link', { name: 'Sign in with Cloudflare Access' })
    await expect(link).toHaveAttribute('href', '/settings')
    await link.click()
    // No Access runs in front of this server, so the browser stays signed out.
    await expect(
      page.getByRole('heading', { name: 'Only the owner can see this page' }),
    ).toBeVisible()
    await page.setExtraHTTPHeaders({ 'Cf-Access-Jwt-Assertion': await team.assertion() })
    await page.goto(`${owned.url}/llm-test`)
    await page.getByRole('textbox', { name: 'Prompt' }).fill('Something private')
    await expect.poll(() => kept(page)).not.toEqual([])
    await page.goto(`${owned.url}/settings`)
    const left = page.waitForRequest('**/cdn-cgi/access/logout')
    await page.getByRole('button', { name: 'Sign out of Cloudflare Access' }).click()
    expect((await left).url()).toBe(`${owned.url}/cdn-cgi/access/logout`)
    await page.waitForURL('**/cdn-cgi/access/logout')
    await page.goto(`${owned.url}/healthz`)
    expect(await kept(page)).toEqual([])
  })

  test('an assertion that Access did not sign is rejected', async ({ page, owned }) => {
    await page.setExtraHTTPHeaders({ 'Cf-Access-Jwt-Assertion': `${await team.assertion()}x` })
    await page.goto(`${owned.url}/settings`)
    await expect(
      page.getByRole('heading', { name: 'Only the owner can see this page' }),
    ).toBeVisible()
  })
})
