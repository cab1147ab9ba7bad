import { test as base, expect, type Page } from '@playwright/test'
import { startHome, type Home, type HomeOptions } from '../../../simulator/home.ts'
import { serve, type Served } from '../serve.ts'

interface Bench {
  page: Page
  open: () => Promise<void>
  /** Clicks the button that starts a run. */
  generate: () => Promise<void>
  ask: (prompt: string) => Promise<void>
}

interface TestFixtures {
  bench: Bench
  /** Browser errors. They fail the test unless it empties this list. */
  complaints: string[]
}

interface WorkerFixtures {
  /** `test.use({ homeOptions })` at the top of a file gives it its own home and server. */
  homeOptions: HomeOptions
  home: Home
  server: Served
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  homeOptions: [
    { tokensPerSecond: 120, loadMs: 2500 },
    { option: true, scope: 'worker' },
  ],
  home: [
    async ({ homeOptions }, use) => {
      const home = await startHome(homeOptions)
      await use(home)
      await home.stop()
    },
    { scope: 'worker' },
  ],
  server: [
    async ({ home }, use) => {
      const server = await serve({ OLLAMA_URL: home.url })
      await use(server)
      await server.stop()
    },
    { scope: 'worker' },
  ],
  complaints: [
    async ({ page, server }, use) => {
      const complaints: string[] = []
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning')
          complaints.push(message.text())
      })
      page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`))
      page.on('requestfailed', (request) => {
        // Stopping a run and leaving a page abort requests on purpose.
        if (request.failure()?.errorText !== 'net::ERR_ABORTED')
          complaints.push(`request failed: ${request.url()}`)
      })
      page.on('request', (request) => {
        if (!request.url().startsWith(server.url))
          complaints.push(`request to elsewhere: ${request.url()}`)
      })
      page.on('response', (response) => {
        if (response.status() >= 400)
          complaints.push(`HTTP ${response.status()}: ${response.url()}`)
      })
      await use(complaints)
      expect(complaints).toEqual([])
    },
    { auto: true },
  ],
  bench: async ({ page, server, home }, use) => {
    await home.reset()
    // The page must not show the verdict of an earlier test.
    const open = async () => {
      await fetch(`${server.url}/api/health?fresh=1&code=200`)
      await page.goto(`${server.url}/llm-test`)
    }
    const generate = () => page.getByRole('button', { name: /Generate/ }).click()
    const ask = async (prompt: string) => {
      await page.getByRole('textbox', { name: 'Prompt' }).fill(prompt)
      await generate()
    }
    await use({ page, open, generate, ask })
    await home.reset()
  },
})

export { expect }
