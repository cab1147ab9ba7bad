/** When the word of `/status` is painted from the stored page, without a connection. */
import type { Browser } from '@playwright/test'
import { startHome } from '../simulator/home.ts'
import { serve } from '../tests/support/serve.ts'
import { openBrowser, PHONE } from './browser.ts'
import { fixed, spread, type Budget, type Spread } from './figures.ts'

const LOADS = 15
const MOST_MS = 100

export async function measureKept(): Promise<Spread> {
  const home = await startHome()
  const server = await serve({ OLLAMA_URL: home.url })
  const browser = await openBrowser()
  try {
    await fetch(`${server.url}/api/health?fresh=1&code=200`)
    return spread(await paints(browser, `${server.url}/status`))
  } finally {
    await browser.close()
    await server.stop()
    await home.stop()
  }
}

/** Milliseconds from the tap to the first paint, which contains the word. */
async function paints(browser: Browser, address: string): Promise<number[]> {
  const context = await browser.newContext(PHONE)
  const first = await context.newPage()
  await first.goto(address)
  await first.evaluate(() => navigator.serviceWorker.ready)
  await first.reload()
  await first.waitForLoadState('networkidle')
  await context.setOffline(true)
  const times: number[] = []
  while (times.length < LOADS) {
    const page = await context.newPage()
    await page.goto(address)
    times.push(await page.evaluate(readFirstPaint))
    await page.close()
  }
  return times
}

const readFirstPaint = () =>
  new Promise<number>((resolve) => {
    new PerformanceObserver((list) => {
      resolve(list.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN)
    }).observe({ type: 'paint', buffered: true })
  })

export const keptBudgets = ({ median }: Spread): Budget[] => [
  { what: 'the word of /status from the stored page', value: median, unit: 'ms', most: MOST_MS },
]

export const showKept = ({ median, p95 }: Spread): string =>
  `/status without a connection, from the stored page: painted after ${fixed(median, 0)} ms (median), ${fixed(p95, 0)} ms (p95)`
