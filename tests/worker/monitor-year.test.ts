import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { keptMonitor, minutesOf, type KeptMonitor } from '../support/workerd/stored-monitor.ts'
import { verdictOf } from '../support/simulated-year/verdicts.ts'
import { MINUTE_MS, year, YEAR_BEGINS } from '../support/simulated-year/year.ts'
import type { FailureList } from '../../src/lib/contract/history.ts'
import type { Verdict } from '../../src/lib/diagnosis/index.ts'

const DAY_MS = 1440 * MINUTE_MS
const MOST = { rowsADay: 5000, bytes: 2_500_000 } as const

const withMonitor = <Result>(
  look: (kept: KeptMonitor, storage: DurableObjectStorage) => Result,
): Promise<Result> =>
  runInDurableObject(env.HOME.get(env.HOME.newUniqueId()), (_home, { storage }) =>
    look(keptMonitor(storage), storage),
  )

const good = [verdictOf('all_lit', 140)]
const tunnel = Array<Verdict>(3).fill(verdictOf('cloudflared_not_connected'))
const refused = Array<Verdict>(3).fill(verdictOf('nothing_listens_here'))

/** The days that cost most of each kind. By minute of the day. */
const DAYS = {
  'a calm day': () => good,
  'a day in the dark': () => tunnel,
  'a day of flaps': (minute: number) => (minute % 6 < 3 ? tunnel : good),
  'a day of two causes in turn': (minute: number) => (minute % 4 < 2 ? tunnel : refused),
  'a day of blips': (minute: number) => (minute % 2 === 0 ? refused : good),
} as const satisfies Record<string, (minute: number) => readonly Verdict[]>

describe('the cost of monitoring', () => {
  // A day that throws away old rows while it writes new ones, as every day after the first month does.
  test.each(Object.entries(DAYS))(
    'a day of monitoring writes at most 5,000 rows: %s',
    async (name, seen) => {
      const rows = await withMonitor(({ feed }) => {
        feed(minutesOf(YEAR_BEGINS, YEAR_BEGINS + 2 * DAY_MS, () => good, 20))
        const begins = YEAR_BEGINS + 31 * DAY_MS
        return feed(minutesOf(begins, begins + DAY_MS, seen)).rowsWritten
      })
      console.log(`${name}: ${rows} rows written`)
      expect(rows).toBeGreaterThan(2 * 1440)
      expect(rows).toBeLessThanOrEqual(MOST.rowsADay)
    },
  )

  test('400 days of history take less than 2.5 MB, with 50 failures stored', async () => {
    const ends = YEAR_BEGINS + 401 * DAY_MS
    const { bytes, empty, failures } = await withMonitor(({ feed, monitor }, { sql }) => {
      const before = sql.databaseSize
      // What an hour's row weighs does not depend on how many of its minutes were seen.
      feed(
        minutesOf(YEAR_BEGINS, ends - 31 * DAY_MS, (nth) => (nth % 4000 === 0 ? tunnel : good), 20),
      )
      feed(minutesOf(ends - 31 * DAY_MS, ends, (nth) => (nth % 500 < 3 ? refused : good)))
      return {
        bytes: sql.databaseSize,
        empty: before,
        failures: (JSON.parse(monitor.failures()) as FailureList).failures.length,
      }
    })
    console.log(`400 days: ${bytes} bytes, of which ${empty} before the first`)
    expect(failures).toBe(50)
    expect(bytes).toBeLessThan(MOST.bytes)
  }, 120_000)

  test('minutes are deleted after 30 days and hours after 400, and daily figures stay', async () => {
    const ends = YEAR_BEGINS + 410 * DAY_MS
    await withMonitor(({ feed, monitor }) => {
      feed(minutesOf(YEAR_BEGINS, ends, () => good, 60))
      const at = (res: 'minute' | 'hour' | 'day', from: number, to: number) =>
        monitor.history(res, from, to).state
      expect(
        at('minute', ends - 32 * DAY_MS, ends - 31 * DAY_MS).every((state) => state === null),
      ).toBe(true)
      expect(at('minute', ends - 29 * DAY_MS, ends - 29 * DAY_MS + MINUTE_MS)).toEqual(['up'])
      expect(at('hour', YEAR_BEGINS, YEAR_BEGINS + DAY_MS).every((state) => state === null)).toBe(
        true,
      )
      expect(at('hour', ends - 399 * DAY_MS, ends).every((state) => state === 'up')).toBe(true)
      expect(at('day', YEAR_BEGINS, ends)).toEqual(Array(410).fill('up'))
    })
  }, 120_000)
})

describe('a month of late, missing and doubled ticks', () => {
  test('a month of late, missing and doubled ticks stores each observed minute once, and nothing else', async () => {
    const minutes = 10 * 1440
    const { ticks, outages, look } = year(7, { minutes })
    expect(outages.length).toBeGreaterThan(2)
    const seen = new Map<number, string>()
    await withMonitor(({ take, monitor }) => {
      let newest = 0
      for (const at of ticks) {
        const { probe, last } = look(at, monitor.pauses)
        take(probe, last)
        if (at > newest) seen.set(at, probe.level)
        newest = Math.max(newest, at)
      }
      const end = YEAR_BEGINS + minutes * MINUTE_MS
      const { state, t, p50 } = monitor.history('minute', end - 6 * DAY_MS, end)
      const wrong = t.filter(
        (time, at) => !fits(seen.get(Date.parse(time)), state[at] ?? null, p50[at] ?? null),
      )
      expect(wrong).toEqual([])
      const days = monitor.history('day', YEAR_BEGINS, end)
      const counted = days.seen.map((share) => Math.round((share ?? 0) * 1440))
      expect(counted.reduce((sum, count) => sum + count, 0)).toBe(seen.size)
      expect(monitor.incidents({ limit: 100 }).incidents.length).toBeGreaterThan(0)
    })
  }, 60_000)
})

const fits = (level: string | undefined, state: string | null, p50: number | null) => {
  if (level === undefined) return state === null && p50 === null
  return level === 'good' ? state === 'up' && p50 !== null : state === 'blip' || state === 'down'
}
