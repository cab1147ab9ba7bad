/** How the page copes with a long answer: 50,000 tokens of Markdown at 1,000 a second. Needs a build. `node bench/answer.ts` */
import { chromium } from '@playwright/test'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getBrowser } from '../scripts/browser.mjs'
import { serve } from '../tests/serve.ts'

const TOKENS = 50_000
const PER_SECOND = 1000
const EVERY_MS = 10
const MODEL = 'long:latest'

const PART = `## A part

Some words with **weight**, \`code\`, a [link](https://a.example) and $x_1^2$, which go on for a line or two of a page.

- one thing
- another thing

\`\`\`ts
export const double = (value: number) => value * 2 // twice
\`\`\`

| a | b |
| --- | --- |
| 1 | 2 |

`

const tokens = Array.from({ length: TOKENS }, (_, nth) => {
  const words = PART.match(/\s*\S{1,6}\s*/g) ?? []
  return words[nth % words.length] ?? ''
})

async function answer(response: ServerResponse) {
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' })
  const from = performance.now()
  for (let sent = 0; sent < TOKENS;) {
    const due = Math.min(TOKENS, Math.floor(((performance.now() - from) * PER_SECOND) / 1000))
    const lines = tokens
      .slice(sent, due)
      .map((text) => `${JSON.stringify({ model: MODEL, response: text, done: false })}\n`)
    if (lines.length > 0) response.write(lines.join(''))
    sent = due
    await new Promise((resume) => setTimeout(resume, EVERY_MS))
  }
  const last = { model: MODEL, response: '', done: true, done_reason: 'stop', eval_count: TOKENS, eval_duration: 5e10 }
  response.end(`${JSON.stringify({ ...last, prompt_eval_count: 9, total_duration: 5e10 })}\n`)
}

const entry = {
  name: MODEL,
  model: MODEL,
  size: 1e9,
  digest: 'a'.repeat(64),
  details: {},
  capabilities: ['completion'],
}
const ANSWERS: Readonly<Record<string, object>> = {
  '/api/version': { version: '0.32.15' },
  '/api/tags': { models: [entry] },
  '/api/ps': { models: [{ ...entry, size_vram: 1e9, context_length: 131_072 }] },
  '/api/show': { capabilities: ['completion'], model_info: {}, details: {} },
}

const ollama = createServer((request, response) => {
  const path = request.url?.split('?')[0] ?? ''
  request.resume().on('end', () => {
    if (path === '/api/generate') return void answer(response)
    const value = ANSWERS[path]
    response.writeHead(value ? 200 : 404, { 'Content-Type': 'application/json' }).end(JSON.stringify(value ?? {}))
  })
})
await new Promise<void>((resolve) => ollama.listen(0, '127.0.0.1', resolve))
const server = await serve({ OLLAMA_URL: `http://127.0.0.1:${(ollama.address() as AddressInfo).port}` })
const executablePath = process.env.CHROME_PATH ?? (await getBrowser())
const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox'] })
try {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } })
  await page.goto(`${server.url}/llm-test`)
  await page.getByRole('textbox', { name: 'Prompt' }).fill('Go')
  await page.getByRole('button', { name: 'ONLINE' }).waitFor()
  await page.evaluate(observe)
  await page.getByRole('button', { name: /Generate/ }).click()
  await page.getByText('Finished', { exact: true }).waitFor({ timeout: 240_000 })
  await page.waitForTimeout(1000)
  console.log('streaming', await page.evaluate(takeFigures))
  // Up and down again, 300 pixels a frame: as fast as a thumb flings.
  await page.evaluate(async () => {
    for (const by of [-300, 300]) {
      for (let nth = 0; nth < 200; nth++) {
        window.scrollBy(0, by)
        await new Promise((resume) => requestAnimationFrame(resume))
      }
    }
  })
  console.log('scrolling', await page.evaluate(takeFigures))
  console.log('page', await page.evaluate(() => ({
    height: document.documentElement.scrollHeight,
    nodes: document.querySelectorAll('*').length,
    blocks: document.querySelectorAll('.prose .block').length,
  }))) // prettier-ignore
} finally {
  await browser.close()
  await server.stop()
  ollama.closeAllConnections()
  ollama.close()
}

/** Figures of the page's main thread since they were last taken. ms. */
interface Figures {
  seconds: number
  frames: number
  slowFrames: number
  frame95: number
  worstFrame: number
  longTasks: number
  worstTask: number
}

function observe() {
  const seen = { frames: [] as number[], tasks: [] as number[] }
  Object.assign(window, { seen })
  new PerformanceObserver((list) => seen.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
    entryTypes: ['longtask'],
  })
  let last = performance.now()
  const frame = (now: number) => {
    seen.frames.push(now - last)
    last = now
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
}

/** A frame of more than 50 ms is three that were dropped. */
function takeFigures(): Figures {
  const { seen } = window as unknown as { seen: { frames: number[]; tasks: number[] } }
  const frames = seen.frames.splice(0).sort((one, other) => one - other)
  const tasks = seen.tasks.splice(0)
  return {
    seconds: Math.round(frames.reduce((sum, ms) => sum + ms, 0) / 1000),
    frames: frames.length,
    slowFrames: frames.filter((ms) => ms > 50).length,
    frame95: Math.round(frames[Math.floor(frames.length * 0.95)] ?? 0),
    worstFrame: Math.round(frames.at(-1) ?? 0),
    longTasks: tasks.length,
    worstTask: Math.round(Math.max(0, ...tasks)),
  }
}
