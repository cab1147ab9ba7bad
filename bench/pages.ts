/** The weight of a page, and when its largest part is painted, on a slow phone. */
import type { Browser, BrowserContext, CDPSession, Page } from '@playwright/test'
import { gzipSync } from 'node:zlib'
import { startHome } from '../simulator/home.ts'
import { serve } from '../tests/support/serve.ts'
import { openBrowser, PHONE } from './browser.ts'
import { median, table, type Budget } from './figures.ts'

/** Slow 4G, and a CPU four times as slow as this one. Throughput in bytes per second. */
const SLOW_4G = {
  offline: false,
  latency: 150,
  downloadThroughput: 1.6e6 / 8,
  uploadThroughput: 0.75e6 / 8,
}
const SLOWNESS = 4
const ROUNDS = 5
/** A page is complete after this time without a request. */
const QUIET_MS = 1500

const KINDS = {
  Document: 'html',
  Script: 'js',
  Stylesheet: 'css',
  Font: 'font',
  Fetch: 'data',
  XHR: 'data',
} as const
type Kind = (typeof KINDS)[keyof typeof KINDS] | 'other'

interface Weight {
  /** Bytes transferred, compressed, headers included. */
  bytes: Partial<Record<Kind, number>>
  requests: number
}

interface Visit extends Weight {
  firstPaintMs: number
  largestPaintMs: number
}

interface PageFigures {
  path: string
  /** Bytes of the HTML alone, gzip −9. */
  html: number
  first: Visit
  lcp: { median: number; worst: number }
  firstPaintMs: number
}

export async function measurePages(): Promise<PageFigures[]> {
  const home = await startHome({ tokensPerSecond: 200, loadMs: 1 })
  const server = await serve({ OLLAMA_URL: home.url })
  const browser = await openBrowser()
  try {
    // The first visit after a start would wait for the first check.
    await fetch(`${server.url}/api/health?fresh=1`)
    return [
      await measure(browser, server.url, '/llm-test'),
      await measure(browser, server.url, '/status'),
    ]
  } finally {
    await browser.close()
    await server.stop()
    await home.stop()
  }
}

async function measure(browser: Browser, origin: string, path: string): Promise<PageFigures> {
  const visits: Visit[] = []
  for (let nth = 0; nth < ROUNDS; nth++) {
    const context = await browser.newContext({ ...PHONE, serviceWorkers: 'block' })
    visits.push(await visit(context, origin + path))
    await context.close()
  }
  const html = gzipSync(await (await fetch(origin + path)).arrayBuffer(), { level: 9 }).length
  const [first] = visits
  if (!first) throw new Error('no page was visited')
  const paints = visits.map(({ largestPaintMs }) => largestPaintMs)
  return {
    ...{ path, html, first },
    lcp: { median: median(paints), worst: Math.max(...paints) },
    firstPaintMs: median(visits.map(({ firstPaintMs }) => firstPaintMs)),
  }
}

async function visit(context: BrowserContext, address: string): Promise<Visit> {
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  await session.send('Network.emulateNetworkConditions', SLOW_4G)
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWNESS })
  const weight = weigh(session)
  await page.goto(address)
  await untilQuiet(page, weight)
  return { ...weight, ...(await page.evaluate(readPaints)) }
}

function weigh(session: CDPSession): Weight {
  const weight: Weight = { bytes: {}, requests: 0 }
  const kinds = new Map<string, Kind>()
  session.on('Network.responseReceived', ({ requestId, type }) => {
    kinds.set(requestId, (KINDS as Partial<Record<string, Kind>>)[type] ?? 'other')
  })
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const kind = kinds.get(requestId) ?? 'other'
    weight.bytes[kind] = (weight.bytes[kind] ?? 0) + encodedDataLength
    weight.requests++
  })
  return weight
}

async function untilQuiet(page: Page, weight: Weight) {
  for (let before = -1; before !== weight.requests;) {
    before = weight.requests
    await page.waitForTimeout(QUIET_MS)
  }
}

function readPaints() {
  const firstPaintMs = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN
  return new Promise<{ firstPaintMs: number; largestPaintMs: number }>((resolve) => {
    new PerformanceObserver((list) => {
      resolve({ firstPaintMs, largestPaintMs: list.getEntries().at(-1)?.startTime ?? NaN })
    }).observe({ type: 'largest-contentful-paint', buffered: true })
  })
}

const kB = (bytes = 0) => (bytes / 1000).toFixed(1)

export function showPages(all: readonly PageFigures[]): string {
  const rows = all.map(({ path, html, first, firstPaintMs, lcp }) => [
    path,
    ...[
      html,
      first.bytes.html,
      first.bytes.js,
      first.bytes.css,
      first.bytes.data,
      first.bytes.other,
    ].map(kB),
    String(first.requests),
    ...[firstPaintMs, lcp.median, lcp.worst].map((ms) => ms.toFixed(0)),
  ])
  const head = [
    'page',
    'html gz',
    'html',
    'js',
    'css',
    'data',
    'other',
    'requests',
    'FCP ms',
    'LCP ms',
    'worst',
  ]
  return `Pages on a slow phone: 390 × 844, 150 ms, 1.6 Mbit/s, CPU 1/${SLOWNESS}; kB transferred, median of ${ROUNDS}\n${table(head, rows)}`
}

const MOST = {
  '/llm-test': { js: 120, lcp: 2000 },
  '/status': { html: 14, js: 25 },
} as const satisfies Record<string, { js: number; lcp?: number; html?: number }>

export function pageBudgets({ path, html, first, lcp }: PageFigures): Budget[] {
  const most: { js?: number; lcp?: number; html?: number } =
    (MOST as Partial<Record<string, object>>)[path] ?? {}
  return [
    ...(most.html
      ? [{ what: `${path} HTML`, value: html / 1000, unit: 'kB', most: most.html } as const]
      : []),
    ...(most.js
      ? [
          {
            what: `${path} JS`,
            value: (first.bytes.js ?? 0) / 1000,
            unit: 'kB',
            most: most.js,
          } as const,
        ]
      : []),
    ...(most.lcp
      ? [{ what: `${path} LCP`, value: lcp.median, unit: 'ms', most: most.lcp } as const]
      : []),
  ]
}
