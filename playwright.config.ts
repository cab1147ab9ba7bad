import { defineConfig } from '@playwright/test'
import { getBrowser, NO_BROWSER } from './scripts/browser.mjs'

const executablePath = process.env.CHROME_PATH ?? (await getBrowser())
if (!executablePath) throw new Error(NO_BROWSER)
// Playwright's worker processes read this file too, and then need not search again.
process.env.CHROME_PATH = executablePath

export default defineConfig({
  testDir: 'tests/e2e',
  // Each worker has its own home and server.
  workers: 2,
  fullyParallel: true,
  timeout: 30_000,
  expect: { timeout: 10_000 },
  reporter: [['dot']],
  forbidOnly: Boolean(process.env.CI),
  use: {
    browserName: 'chromium',
    viewport: { width: 1280, height: 860 },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
