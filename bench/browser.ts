/** A browser with a phone's screen and a slowed CPU, and what its main thread did. */
import { chromium, type Browser, type CDPSession, type Page } from '@playwright/test'
import { getBrowser } from '../scripts/browser.mjs'

export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROME_PATH ?? (await getBrowser())
  return chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: ['--no-sandbox', '--disable-gpu'],
  })
}

export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 }

/** In milliseconds; for a task its CPU time, so that other work on the machine does not count. */
export interface Smoothness {
  seconds: number
  frames: number
  /** Frames of more than 50 ms: three were dropped. */
  slowFrames: number
  frame95: number
  worstFrame: number
  tasksOver50: number
  worstTask: number
}

interface TraceEvent {
  pid: number
  tid: number
  name: string
  tdur?: number
  args?: { name?: string }
}

/** Records the frames and tasks of a page during an action. */
export async function watch(
  page: Page,
  session: CDPSession,
  act: () => Promise<unknown>,
): Promise<Smoothness> {
  const events: TraceEvent[] = []
  const collect = ({ value }: { value: object[] }) => events.push(...(value as TraceEvent[]))
  session.on('Tracing.dataCollected', collect)
  await session.send('Tracing.start', { traceConfig: { includedCategories: ['toplevel'] } })
  await page.evaluate(countFrames)
  await act()
  const frames = await page.evaluate(takeFrames)
  const complete = new Promise((resume) => session.once('Tracing.tracingComplete', resume))
  await session.send('Tracing.end')
  await complete
  session.off('Tracing.dataCollected', collect)
  return { ...frames, ...tasksOf(events) }
}

function tasksOf(events: readonly TraceEvent[]) {
  // The browser may have several pages; the busy one counts.
  const busy = new Map<string, number[]>()
  for (const { name, args, pid, tid } of events)
    if (name === 'thread_name' && args?.name === 'CrRendererMain') busy.set(`${pid} ${tid}`, [])
  for (const { name, pid, tid, tdur = 0 } of events)
    if (name.endsWith('RunTask')) busy.get(`${pid} ${tid}`)?.push(tdur / 1000)
  const sum = (tasks: readonly number[]) => tasks.reduce((all, ms) => all + ms, 0)
  const [tasks = []] = [...busy.values()].sort((one, other) => sum(other) - sum(one))
  return {
    tasksOver50: tasks.filter((ms) => ms > 50).length,
    worstTask: Math.round(Math.max(0, ...tasks)),
  }
}

interface Counting {
  seen: number[]
  isOver: boolean
}

function countFrames() {
  const counting: Counting = { seen: [], isOver: false }
  Object.assign(window, { counting })
  let last = performance.now()
  const frame = (now: number) => {
    counting.seen.push(now - last)
    last = now
    if (!counting.isOver) requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
}

function takeFrames() {
  const { counting } = window as unknown as { counting: Counting }
  counting.isOver = true
  const frames = counting.seen.sort((one, other) => one - other)
  return {
    seconds: Math.round(frames.reduce((sum, ms) => sum + ms, 0) / 1000),
    frames: frames.length,
    slowFrames: frames.filter((ms) => ms > 50).length,
    frame95: Math.round(frames[Math.floor(frames.length * 0.95)] ?? 0),
    worstFrame: Math.round(frames.at(-1) ?? 0),
  }
}
