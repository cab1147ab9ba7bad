/** What a run costs compared with the same request sent directly: first token, rate, CPU; and the effect of many runs and long silences. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunDetail } from '../src/lib/contract/runs.ts'
import { descendants } from '../tests/support/processes.ts'
import { serve, type Served } from '../tests/support/serve.ts'
import { startSilentHome } from '../tests/support/setup/recorded-answers.ts'
import { fixed, median, table, type Budget } from './figures.ts'
import { startHomeApart } from './home.ts'

const RATES = [
  { tokensPerSecond: 50, tokens: 100 },
  { tokensPerSecond: 200, tokens: 300 },
  { tokensPerSecond: 2000, tokens: 2000 },
] as const
const ROUNDS = 11
const MANY_RUNS = 1000
const MOST_ADDED_MS = 10
const LEAST_SHARE = 95
const MODEL = 'llama3.2:latest'

export interface RunFigures {
  tokensPerSecond: number
  addedFirstMs: number
  ratePercent: number
  /** Milliseconds of workerd's CPU time. */
  cpuPer1000Tokens: number
}

interface Sample {
  firstMs: number
  rate: number
}

export async function measureRuns(): Promise<RunFigures[]> {
  const figures: RunFigures[] = []
  for (const rate of RATES) figures.push(await measureRate(rate))
  return figures
}

async function measureRate({
  tokensPerSecond,
  tokens,
}: (typeof RATES)[number]): Promise<RunFigures> {
  const home = await startHomeApart(tokensPerSecond)
  const server = await serve({ OLLAMA_URL: home.url })
  const body = JSON.stringify({
    model: MODEL,
    prompt: `Count to ${tokens}`,
    options: { temperature: 0 },
  })
  const direct = () => sample(`${home.url}/api/generate`, body, /"response":"[^"]/g)
  const through = () => sample(`${server.url}/api/runs`, body, /^event: delta$/gm)
  try {
    await Promise.all([direct(), through()])
    const pairs: { direct: Sample; through: Sample }[] = []
    const cpuBefore = cpuMs(server)
    while (pairs.length < ROUNDS) pairs.push({ direct: await direct(), through: await through() })
    const rates = {
      direct: median(pairs.map((pair) => pair.direct.rate)),
      through: median(pairs.map((pair) => pair.through.rate)),
    }
    return {
      tokensPerSecond,
      addedFirstMs: median(pairs.map((pair) => pair.through.firstMs - pair.direct.firstMs)),
      ratePercent: (100 * rates.through) / rates.direct,
      cpuPer1000Tokens: ((cpuMs(server) - cpuBefore) * 1000) / (ROUNDS * tokens),
    }
  } finally {
    await server.stop()
    await home.stop()
  }
}

/** `rate`: bytes of text per second after the first word, which both ways send the same. */
async function sample(url: string, body: string, word: RegExp): Promise<Sample> {
  const sentAt = performance.now()
  const headers = { 'Content-Type': 'application/json', Accept: 'text/event-stream' }
  const response = await fetch(url, { method: 'POST', headers, body })
  const decoder = new TextDecoder()
  let firstAt = 0
  let lastAt = 0
  let text = ''
  for await (const bytes of response.body ?? []) {
    const piece = decoder.decode(bytes, { stream: true })
    text += piece
    if (!word.test(piece)) continue
    word.lastIndex = 0
    lastAt = performance.now()
    firstAt ||= lastAt
  }
  const said = [...text.matchAll(/"(?:response|text)":"((?:[^"\\]|\\.)*)"/g)]
    .map(([, words = '']) => words)
    .join('')
  if (!response.ok || firstAt === 0 || !/"done":true|^event: done$/m.test(text))
    throw new Error(`unexpected answer (${response.status}): ${text.slice(-300)}`)
  return { firstMs: firstAt - sentAt, rate: (said.length * 1000) / (lastAt - firstAt) }
}

const workerdOf = ({ pid }: Served) =>
  descendants(pid).filter((one) =>
    /workerd/.test(execFileSync('ps', ['-o', 'comm=', '-p', String(one)], { encoding: 'utf8' })),
  )

/** CPU time of workerd since its start, as counted by the kernel. */
function cpuMs(server: Served): number {
  const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  const used = workerdOf(server).map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return Number(fields[11]) + Number(fields[12])
  })
  return (used.reduce((sum, one) => sum + one, 0) * 1000) / ticks
}

export const runBudgets = ({
  tokensPerSecond,
  addedFirstMs,
  ratePercent,
}: RunFigures): Budget[] => [
  {
    what: `run: added to first token at ${tokensPerSecond} tokens/s`,
    value: addedFirstMs,
    unit: 'ms',
    most: MOST_ADDED_MS,
  },
  {
    what: `run: streaming rate kept at ${tokensPerSecond} tokens/s`,
    value: ratePercent,
    unit: '%',
    least: LEAST_SHARE,
  },
]

export function showRuns(all: readonly RunFigures[]): string {
  const rows = all.map((figures) => [
    String(figures.tokensPerSecond),
    fixed(figures.addedFirstMs),
    fixed(figures.ratePercent),
    fixed(figures.cpuPer1000Tokens, 0),
  ])
  return `Runs\n${table(['home tokens/s', 'added to first token, ms', 'rate kept, %', 'CPU ms per 1000 tokens'], rows)}`
}

export interface ManyFigures {
  runs: number
  memoryMb: { first: number; last: number }
  storageMb: { first: number; last: number }
  kept: number
}

/** What remains after half of them and after all: it must not grow without limit. */
export async function measureMany(): Promise<ManyFigures> {
  const data = mkdtempSync(join(tmpdir(), 'porchlight-bench-'))
  const home = await startHomeApart(20_000)
  const server = await serve({ OLLAMA_URL: home.url, PORCHLIGHT_DATA: data })
  const body = JSON.stringify({ model: MODEL, prompt: 'Count to 200', options: { temperature: 0 } })
  const state = () => ({ memory: memoryMb(server), storage: sizeOf(data) / 1e6 })
  try {
    for (let nth = 0; nth < MANY_RUNS / 2; nth++)
      await sample(`${server.url}/api/runs`, body, /^event: delta$/gm)
    const first = state()
    for (let nth = 0; nth < MANY_RUNS / 2; nth++)
      await sample(`${server.url}/api/runs`, body, /^event: delta$/gm)
    const last = state()
    return {
      runs: MANY_RUNS,
      memoryMb: { first: first.memory, last: last.memory },
      storageMb: { first: first.storage, last: last.storage },
      kept: await countRuns(server.url),
    }
  } finally {
    await server.stop()
    await home.stop()
    rmSync(data, { recursive: true, force: true })
  }
}

async function countRuns(url: string): Promise<number> {
  let count = 0
  for (let before = ''; ;) {
    const page = (await (await fetch(`${url}/api/runs?limit=200${before}`)).json()) as {
      runs: unknown[]
      next: string | null
    }
    count += page.runs.length
    if (page.next === null) return count
    before = `&before=${page.next}`
  }
}

const memoryMb = (server: Served) =>
  workerdOf(server)
    .map(
      (pid) =>
        Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1000,
    )
    .reduce((sum, one) => sum + one, 0)

const sizeOf = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true })
    .map((entry) =>
      entry.isDirectory()
        ? sizeOf(join(folder, entry.name))
        : statSync(join(folder, entry.name)).size,
    )
    .reduce((sum, one) => sum + one, 0)

export const showMany = ({ runs, memoryMb, storageMb, kept }: ManyFigures) =>
  `Many runs\n  after ${runs / 2}: workerd ${fixed(memoryMb.first)} MB, storage ${fixed(storageMb.first)} MB; after ${runs}: workerd ${fixed(memoryMb.last)} MB, storage ${fixed(storageMb.last)} MB; ${kept} kept`

const SILENT_MS = 60_000
const SILENCES = 10

export interface LongFigures {
  state: string
  totalMs: number
  isWhole: boolean
}

/** Ten minutes, most of them silent, without a viewer. */
export async function measureLong(): Promise<LongFigures> {
  const home = await startSilentHome(SILENT_MS, SILENCES)
  const server = await serve({ OLLAMA_URL: home.url })
  try {
    const { model, messages } = home.recipe
    const headers = { 'Content-Type': 'application/json' }
    const started = await fetch(`${server.url}/api/runs`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ model, messages }),
    })
    const { id } = (await started.json()) as { id: string }
    await new Promise((resume) => setTimeout(resume, SILENT_MS * SILENCES + 10_000))
    const run = (await (await fetch(`${server.url}/api/runs/${id}`)).json()) as RunDetail
    const said = home.lines
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { message: { content: string } }).message.content)
    return {
      state: run.state,
      totalMs: run.receipt?.ms.total ?? NaN,
      isWhole: run.output.text === said.join(''),
    }
  } finally {
    await server.stop()
    await home.stop()
  }
}

export const showLong = ({ state, totalMs, isWhole }: LongFigures) =>
  `A long run\n  ${fixed(totalMs / 60_000)} min with ${SILENCES} silences of ${SILENT_MS / 1000} s: ${state}, text ${isWhole ? 'whole' : 'NOT WHOLE'}`
