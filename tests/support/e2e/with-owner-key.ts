import { createHash, randomBytes } from 'node:crypto'
import { expect, test as base, type Page } from '@playwright/test'
import { startHome } from '../../../simulator/home.ts'
import { serve } from '../serve.ts'

export const KEY = randomBytes(32).toString('base64url')

interface Owned {
  url: string
  /** The printed sign-in link. */
  signIn: string
}

/** A server with an owner key for each test. Exceptions and violations of the page's policy fail the test. */
export const test = base.extend<{
  settings: Record<string, string>
  owned: Owned
  complaints: string[]
}>({
  /** Additional environment variables. */
  settings: {},
  owned: async ({ settings }, use) => {
    const home = await startHome({ tokensPerSecond: 200, loadMs: 300 })
    const OWNER_KEY_HASH = createHash('sha256').update(KEY).digest('hex')
    const server = await serve({ OLLAMA_URL: home.url, OWNER_KEY_HASH, ...settings })
    const { signIn } = JSON.parse(server.printed()) as { signIn: string }
    await use({ url: server.url, signIn })
    await server.stop()
    await home.stop()
  },
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`))
      page.on('console', (message) => {
        if (/Content Security|TrustedHTML/i.test(message.text())) complaints.push(message.text())
      })
      await use(complaints)
      expect(complaints).toEqual([])
    },
    { auto: true },
  ],
})

export async function signIn(page: Page, url: string) {
  await page.goto(`${url}/sign-in`)
  await page.getByLabel('Owner key').fill(KEY)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByRole('button', { name: /Generate/ })).toBeVisible()
}

/** The keys of drafts and runs in this device's storage. */
export const kept = (page: Page) =>
  page.evaluate(() =>
    [...Object.keys(localStorage), ...Object.keys(sessionStorage)].filter((key) =>
      /draft|run/.test(key),
    ),
  )

export { expect }
