/** How the page copes with long answers: while they stream, and while they are scrolled. */
import type { Browser, Page } from '@playwright/test'
import { serve } from '../tests/support/serve.ts'
import { openBrowser, PHONE, watch, type Smoothness } from './browser.ts'
import { table, type Budget } from './figures.ts'
import { startLongHome, type LongHome } from './long-home.ts'

const MIXED = `## A part

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

interface Shape {
  name: string
  head: string
  /** Repeated without end. */
  part: string
  tokens: number
  perSecond: number
  /** How many times the CPU is slowed down. */
  slowness: number
}

const LONG = { tokens: 40_000, perSecond: 2000, slowness: 4 }
const SHAPES: readonly Shape[] = [
  { name: 'mixed', head: '', part: MIXED, tokens: 50_000, perSecond: 1000, slowness: 1 },
  { name: 'mixed', head: '', part: MIXED, tokens: 50_000, perSecond: 1000, slowness: 4 },
  {
    name: 'one code fence',
    head: '```ts\n',
    part: 'export const double = (value: number) => value * 2\n',
    ...LONG,
  },
  {
    name: 'one table',
    head: '| a | b | c |\n| --- | --- | --- |\n',
    part: '| some | 12345 | a few words |\n',
    ...LONG,
  },
  { name: 'one list', head: '', part: '- one thing with **weight**\n', ...LONG },
  {
    name: 'one paragraph',
    head: '',
    part: 'Some words with **weight** and `code` that go on. ',
    ...LONG,
  },
]

interface Measured {
  shape: Shape
  characters: number
  streaming: Smoothness
  scrolling: Smoothness
}

export async function measureAnswers(): Promise<Measured[]> {
  const home = await startLongHome()
  const server = await serve({ OLLAMA_URL: home.url })
  const browser = await openBrowser()
  const measured: Measured[] = []
  try {
    for (const shape of SHAPES)
      measured.push(await measure(browser, `${server.url}/llm-test`, home, shape))
  } finally {
    await browser.close()
    await server.stop()
    home.stop()
  }
  return measured
}

async function measure(
  browser: Browser,
  address: string,
  home: LongHome,
  shape: Shape,
): Promise<Measured> {
  const words = shape.part.match(/\s*\S{1,6}\s*/g) ?? []
  const tokens = Array.from({ length: shape.tokens }, (_, nth) => words[nth % words.length] ?? '')
  home.write([shape.head, ...tokens], shape.perSecond)
  const context = await browser.newContext(PHONE)
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await page.goto(address)
  await page.getByRole('textbox', { name: 'Prompt' }).fill('Go')
  await page.getByRole('button', { name: 'ONLINE' }).waitFor()
  await session.send('Emulation.setCPUThrottlingRate', { rate: shape.slowness })
  const streaming = await watch(page, session, async () => {
    await page.getByRole('button', { name: /Generate/ }).click()
    await page.evaluate(untilEnded)
    await page.waitForTimeout(1000)
  })
  const scrolling = await watch(page, session, () => page.evaluate(fling))
  await readAll(page, tokens.length)
  await context.close()
  return { shape, characters: shape.head.length + tokens.join('').length, streaming, scrolling }
}

/** Polling the page for a word would be most of the work that is measured. */
function untilEnded() {
  return new Promise<void>((resolve) => {
    const look = () => {
      const answer = document.querySelector('.answer')
      if (!answer) return void setTimeout(look, 20)
      const observer = new MutationObserver(() => {
        if (answer.getAttribute('aria-busy') !== 'false') return
        observer.disconnect()
        resolve()
      })
      observer.observe(answer, { attributeFilter: ['aria-busy'] })
    }
    look()
  })
}

/** Down and up again, 300 pixels per frame: as fast as a thumb flings. */
async function fling() {
  for (const by of [-300, 300]) {
    for (let nth = 0; nth < 200; nth++) {
      window.scrollBy(0, by)
      await new Promise((resume) => requestAnimationFrame(resume))
    }
  }
}

/** A page that leaves something out would be fast as well. */
async function readAll(page: Page, tokens: number) {
  const shown = await page.evaluate(() => document.querySelector('.prose')?.textContent.length ?? 0)
  if (shown < tokens * 2)
    throw new Error(`only ${shown} characters of ${tokens} tokens were rendered`)
}

export const showAnswers = (all: readonly Measured[]) =>
  `Long answers on a page of 390 pixels\n${table(
    [
      'answer',
      'CPU',
      'tokens',
      'kB',
      'while',
      'frames',
      '> 50 ms',
      'p95 ms',
      'worst ms',
      'tasks > 50 ms',
      'worst task, CPU ms',
    ],
    all.flatMap(({ shape, characters, streaming, scrolling }) =>
      Object.entries({ streaming, scrolling }).map(
        ([doing, { frames, slowFrames, frame95, worstFrame, tasksOver50, worstTask }]) => [
          shape.name,
          `1/${shape.slowness}`,
          ...[shape.tokens, Math.round(characters / 1000)].map(String),
          doing,
          ...[frames, slowFrames, frame95, worstFrame, tasksOver50, worstTask].map(String),
        ],
      ),
    ),
  )}`

export const answerBudgets = (all: readonly Measured[]): Budget[] =>
  all.map(({ shape, streaming }) => ({
    what: `longest task while ${shape.name} streams, CPU 1/${shape.slowness}`,
    value: streaming.worstTask,
    unit: 'ms',
    most: 50 * shape.slowness,
  }))
