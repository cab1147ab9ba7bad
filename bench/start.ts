/** From `npm start` to the first answer when nothing has changed since the last start. */
import { serve } from '../tests/support/serve.ts'
import { fixed, median, worst, type Budget } from './figures.ts'

const STARTS = 5
const MOST_MS = 2000

export interface StartFigures {
  starts: number
  medianMs: number
  worstMs: number
}

export async function measureStart(): Promise<StartFigures> {
  // The first start may have to build.
  await startOnce()
  const times: number[] = []
  while (times.length < STARTS) times.push(await startOnce())
  return { starts: STARTS, medianMs: median(times), worstMs: worst(times) }
}

/** Milliseconds until a request is answered, which is a little later than the line that announces the server. */
async function startOnce(): Promise<number> {
  const startedAt = performance.now()
  const server = await serve({ PORCHLIGHT_DEMO: '1' })
  try {
    const { ok } = await fetch(`${server.url}/healthz`)
    if (!ok) throw new Error('the server started, but does not answer')
    return performance.now() - startedAt
  } finally {
    await server.stop()
  }
}

export const startBudgets = ({ medianMs }: StartFigures): Budget[] => [
  { what: 'start when nothing changed', value: medianMs, unit: 'ms', most: MOST_MS },
]

export const showStart = ({ starts, medianMs, worstMs }: StartFigures) =>
  `Start\n  median ${fixed(medianMs, 0)} ms, worst ${fixed(worstMs, 0)} ms of ${starts} starts`
