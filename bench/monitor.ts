/**
 * What one minute of monitoring costs: the CPU time of workerd for a whole tick (the checks, the reducer, the transaction),
 * with 400 days of history and 100 models at home, and the rows that it writes.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { buildIfChanged } from '../scripts/build.ts'
import { startWorker, type Running } from '../scripts/runtime.ts'
import type { Watch } from '../src/lib/contract/history.ts'
import { fixed, spread, table, type Budget, type Spread } from './figures.ts'
import { startHomeApart } from './home.ts'

const MODELS = 100
const DAYS = 400
const MINUTES_KEPT_DAYS = 30
const TICKS = 300
const WARM_UPS = 30
const TOKENS_PER_SECOND = 200
const MINUTE_MS = 60_000
const HOURS_A_DAY = 24
const BUCKETS = 32
const MOST_CPU_MS = 5
const MOST_ROWS = 5000
/** The unit in which Linux counts CPU time, in milliseconds. */
const JIFFY_MS = 10

type Work = () => Promise<unknown>

export interface MonitorFigures {
  models: number
  days: number
  databaseBytes: number
  ticks: number
  /** CPU time of workerd in milliseconds each; `null` where the system does not report it. */
  cpuMs: { tick: number | null; call: number | null; check: number | null; request: number | null }
  wallMs: Spread
  rowsPerTick: number
  rowsPerDay: number
}

export async function measureMonitor(): Promise<MonitorFigures> {
  const home = await startHomeApart(TOKENS_PER_SECOND, MODELS)
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-bench-'))
  try {
    const bindings = { RUNTIME: 'local', OLLAMA_URL: home.url }
    await withWorker(folder, bindings, ({ tick }) => tick(new Date()))
    const databaseBytes = fillWithHistory(folder)
    return await withWorker(folder, bindings, (running) => measure(running, databaseBytes))
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await home.stop()
  }
}

async function withWorker<Result>(
  folder: string,
  bindings: Record<string, string>,
  use: (running: Running) => Promise<Result>,
): Promise<Result> {
  const bundle = await buildIfChanged((text) => process.stderr.write(`${text}\n`))
  const running = await startWorker({ bundle, port: 0, folder, bindings })
  if (!running) throw new Error('the port chosen for the benchmark is taken')
  try {
    return await use(running)
  } finally {
    await running.stop()
  }
}

async function measure({ url, tick }: Running, databaseBytes: number): Promise<MonitorFigures> {
  let minute = Date.now()
  const oneTick = () => tick(new Date((minute += MINUTE_MS)))
  const ask = (path: string) => async () => (await fetch(`${url}${path}`)).arrayBuffer()
  const rows = async () =>
    ((await (await fetch(`${url}/api/monitor`)).json()) as Watch).today.rowsWritten
  await repeat(WARM_UPS, oneTick)
  const before = await rows()
  const ticks = await repeat(TICKS, oneTick)
  const rowsPerTick = ((await rows()) - before) / TICKS
  const calls = await repeat(TICKS, () => tick(new Date(minute)))
  const check = await repeat(TICKS, ask('/api/health?fresh=1'))
  const request = await repeat(TICKS, ask('/healthz'))
  return {
    ...{ models: MODELS, days: DAYS, databaseBytes, ticks: TICKS },
    cpuMs: { tick: ticks.cpuMs, call: calls.cpuMs, check: check.cpuMs, request: request.cpuMs },
    wallMs: spread(ticks.wallMs),
    ...{ rowsPerTick, rowsPerDay: rowsPerTick * 1440 },
  }
}

async function repeat(
  times: number,
  work: Work,
): Promise<{ cpuMs: number | null; wallMs: number[] }> {
  const before = workerdCpu()
  const wallMs: number[] = []
  while (wallMs.length < times) {
    const startedAt = performance.now()
    await work()
    wallMs.push(performance.now() - startedAt)
  }
  const after = workerdCpu()
  return { cpuMs: before === null || after === null ? null : (after - before) / times, wallMs }
}

/** CPU time in milliseconds that the workerd below this process has used. */
function workerdCpu(): number | null {
  if (process.platform !== 'linux') return null
  const pids = execFileSync('ps', ['--ppid', String(process.pid), '-o', 'pid=,comm='], {
    encoding: 'utf8',
  })
  const pid = /(\d+) workerd/.exec(pids)?.[1]
  if (pid === undefined) return null
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * JIFFY_MS
}

/** Writes a history of 400 days into the stopped server's database. Returns its size in bytes. */
function fillWithHistory(folder: string): number {
  const database = new DatabaseSync(databaseIn(join(folder, 'do')))
  const now = Math.floor(Date.now() / (60 * MINUTE_MS))
  const histogram = new Uint8Array(new Uint16Array(BUCKETS).fill(2).buffer)
  const times = new Uint8Array(new Uint16Array(60).fill(140).buffer)
  const minutes = database.prepare(
    'INSERT OR IGNORE INTO history_minutes VALUES (1, ?, ?, ?, NULL)',
  )
  const hour = database.prepare(
    'INSERT OR REPLACE INTO history_hour VALUES (1, ?, 60, 0, 0, 0, ?, NULL, 0)',
  )
  const day = database.prepare(
    'INSERT OR REPLACE INTO history_day VALUES (1, ?, 1440, 0, 0, 0, ?, NULL, 0)',
  )
  database.exec('BEGIN')
  for (let nth = 1; nth <= DAYS * HOURS_A_DAY; nth++) {
    hour.run(now - nth, histogram)
    if (nth <= MINUTES_KEPT_DAYS * HOURS_A_DAY) minutes.run(now - nth, 'u'.repeat(60), times)
    if (nth % HOURS_A_DAY === 0) day.run(Math.floor((now - nth) / HOURS_A_DAY), histogram)
  }
  database.exec('COMMIT')
  const size = database
    .prepare('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size')
    .get()
  database.close()
  return Number(size?.bytes)
}

function databaseIn(folder: string): string {
  const file = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) =>
    /[0-9a-f]{64}\.sqlite$/.test(name),
  )
  if (file === undefined) throw new Error(`no database of the home object in ${folder}`)
  return join(folder, file)
}

export const monitorBudgets = ({ cpuMs, rowsPerDay }: MonitorFigures): Budget[] => [
  ...(cpuMs.tick === null || cpuMs.call === null
    ? []
    : [
        {
          what: 'CPU time of a tick, without the cost of calling it',
          value: cpuMs.tick - cpuMs.call,
          unit: 'ms' as const,
          most: MOST_CPU_MS,
        },
      ]),
  { what: 'rows written per day by monitoring', value: rowsPerDay, unit: 'rows', most: MOST_ROWS },
]

export function showMonitor({
  models,
  days,
  databaseBytes,
  ticks,
  cpuMs,
  wallMs,
  rowsPerTick,
}: MonitorFigures): string {
  const cpu = (ms: number | null) => (ms === null ? 'unknown' : fixed(ms, 2))
  const rows = [
    ['a tick: checks, reducer, transaction', cpu(cpuMs.tick)],
    ['of which calling it, measured with a duplicate tick', cpu(cpuMs.call)],
    ['a check over HTTP, which stores its verdict', cpu(cpuMs.check)],
    ['a request that does nothing', cpu(cpuMs.request)],
  ]
  return [
    `Monitor, ${models} models, ${days} days of history (${databaseBytes} bytes), ${ticks} of each`,
    table(['', 'CPU time of workerd, ms each'], rows),
    `  a tick took ${fixed(wallMs.median)} ms (median), ${fixed(wallMs.p95)} ms (p95), and wrote ${fixed(rowsPerTick, 2)} rows`,
  ].join('\n')
}
