/**
 * What `/status` weighs, and when its word is there on a slow phone: a line of 1.6 Mbit/s with 150 ms of latency, and a
 * processor that is four times slower. And when it is opened without a line, from what was kept, at this machine's own speed.
 */
import { gzipSync } from 'node:zlib'
import { chromium, type Browser, type BrowserContext, type Page } from '@playwright/test'
import { getBrowser } from '../scripts/browser.mjs'
import { startHome } from '../simulator/home.ts'
import { serve, type Served } from '../tests/serve.ts'
import { fixed, spread, type Budget, type Spread } from './figures.ts'

const LOADS = 9
const PHONE = { width: 390, height: 844 } as const
const LINE = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 94_000 } as const
const CPU_RATE = 4
const KB = 1024
const MOST = { htmlKb: 14, scriptKb: 25, keptMs: 100 } as const
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']

export interface PhoneFigures {
  htmlKb: number
  scriptKb: number
  /** The largest paint, which is the word, from the tap on. */
  wordMs: Spread
  keptMs: Spread
}

export async function measurePhone(): Promise<PhoneFigures> {
  const home = await startHome()
  const server = await serve({ OLLAMA_URL: home.url })
  const executablePath = (await getBrowser()) ?? undefined
  const browser = await chromium.launch({ args: ARGS, ...(executablePath ? { executablePath } : {}) })
  try {
    await fetch(`${server.url}/api/health?fresh=1&code=200`)
    const [page, script, theme] = await Promise.all(['/status', '/status.js', '/theme.js'].map((path) => packed(server, path))) // prettier-ignore
    const bytes = { htmlKb: (page ?? NaN) / KB, scriptKb: ((script ?? NaN) + (theme ?? NaN)) / KB }
    return { ...bytes, wordMs: await firstLoads(browser, server), keptMs: await keptLoads(browser, server) }
  } finally {
    await browser.close()
    await server.stop()
    await home.stop()
  }
}

const packed = async ({ url }: Served, path: string) =>
  gzipSync(Buffer.from(await (await fetch(`${url}${path}`)).arrayBuffer())).length

async function slowPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: CPU_RATE })
  await devtools.send('Network.emulateNetworkConditions', LINE)
  return page
}

async function firstLoads(browser: Browser, { url }: Served): Promise<Spread> {
  const times: number[] = []
  while (times.length < LOADS) {
    const context = await browser.newContext({ viewport: PHONE, serviceWorkers: 'block' })
    times.push(await wordIn(await slowPage(context), url))
    await context.close()
  }
  return spread(times)
}

async function keptLoads(browser: Browser, { url }: Served): Promise<Spread> {
  const context = await browser.newContext({ viewport: PHONE })
  const first = await context.newPage()
  await first.goto(`${url}/status`)
  await first.evaluate(() => navigator.serviceWorker.ready)
  await first.reload()
  await first.waitForLoadState('networkidle')
  await context.setOffline(true)
  const times: number[] = []
  while (times.length < LOADS) {
    const page = await context.newPage()
    times.push(await wordIn(page, url))
    await page.close()
  }
  await context.close()
  return spread(times)
}

async function wordIn(page: Page, url: string): Promise<number> {
  await page.goto(`${url}/status`)
  await page.locator('#word').waitFor()
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const observer = new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime ?? NaN))
        observer.observe({ type: 'largest-contentful-paint', buffered: true })
      }),
  )
}

export const phoneBudgets = ({ htmlKb, scriptKb, keptMs }: PhoneFigures): Budget[] => [
  { what: '/status, packed', value: htmlKb, unit: 'KB', most: MOST.htmlKb },
  { what: 'scripts of /status, packed', value: scriptKb, unit: 'KB', most: MOST.scriptKb },
  { what: 'the word of /status from what is kept, median', value: keptMs.median, unit: 'ms', most: MOST.keptMs },
]

export const showPhone = ({ htmlKb, scriptKb, wordMs, keptMs }: PhoneFigures): string =>
  [
    'Status page on a slow phone (1.6 Mbit/s, 150 ms, processor x4)',
    `  page ${fixed(htmlKb)} KB, scripts ${fixed(scriptKb)} KB, packed`,
    `  the word after ${fixed(wordMs.median, 0)} ms (median), ${fixed(wordMs.p95, 0)} ms (p95)`,
    `  without a line, from what is kept, at full speed: ${fixed(keptMs.median, 0)} ms (median), ${fixed(keptMs.p95, 0)} ms (p95)`,
  ].join('\n')
