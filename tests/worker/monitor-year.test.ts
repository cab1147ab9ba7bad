import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { storedMonitor, minutesOf, type StoredMonitor } from '../support/workerd/stored-monitor.ts'
import { verdictOf } from '../support/simulated-year/verdicts.ts'
import { MINUTE_MS, year, YEAR_BEGINS } from '../support/simulated-year/year.ts'
import type { FailureList } from '../../src/lib/contract/history.ts'
import type { Verdict } from '../../src/lib/diagnosis/index.ts'

const DAY_MS = 1440 * MINUTE_MS
const MAX = { rowsADay: 5000, bytes: 2_500_000 } as const

const withMonitor = <Result>(
  use: (monitor: StoredMonitor, storage: DurableObjectStorage) => Result,
): Promise<Result> =>
  runInDurableObject(env.HOME.get(env.HOME.newUniqueId()), (_home, { storage }) =>
    use(storedMonitor(storage), storage),
  )

const good = [verdictOf('all_lit', 140)]
const tunnel = Array<Verdict>(3).fill(verdictOf('cloudflared_not_connected'))
const refused = Array<Verdict>(3).fill(verdictOf('nothing_listens_here'))

/** The most expensive day of each kind, by minute of the day. */
const DAYS = {
  'a calm day': () => good,
  'a day of downtime': () => tunnel,
  'a day of flaps': (minute: number) => (minute % 6 < 3 ? tunnel : good),
  'a day of two causes in turn': (minute: number) => (minute % 4 < 2 ? tunnel : refused),
  'a day of blips': (minute: number) => (minute % 2 === 0 ? refused : good),
} as const satisfies Record<string, (minute: number) => readonly Verdict[]>

describe('the cost of monitoring', () => {
  // The day also deletes old rows, as every day after the first month does.
  test.each(Object.entries(DAYS))(
    'a day of monitoring writes at most 5,000 rows: %s',
    async (name, verdictsAt) => {
      const rows = await withMonitor(({ recordAll }) => {
        recordAll(minutesOf(YEAR_BEGINS, YEAR_BEGINS + 2 * DAY_MS, () => good, 20))
        const begins = YEAR_BEGINS + 31 * DAY_MS
        return recordAll(minutesOf(begins, begins + DAY_MS, verdictsAt)).rowsWritten
      })
      console.log(`${name}: ${rows} rows written`)
      expect(rows).toBeGreaterThan(2 * 1440)
      expect(rows).toBeLessThanOrEqual(MAX.rowsADay)
    },
  )

  test('400 days of history take less than 2.5 MB, with 50 failures stored', async () => {
    const ends = YEAR_BEGINS + 401 * DAY_MS
    const { bytes, empty, failures } = await withMonitor(({ recordAll, monitor }, { sql }) => {
      const before = sql.databaseSize
      // The size of an hour's row does not depend on how many of its minutes were observed.
      recordAll(
        minutesOf(YEAR_BEGINS, ends - 31 * DAY_MS, (nth) => (nth % 4000 === 0 ? tunnel : good), 20),
      )
      recordAll(minutesOf(ends - 31 * DAY_MS, ends, (nth) => (nth % 500 < 3 ? refused : good)))
      return {
        bytes: sql.databaseSize,
        empty: before,
        failures: (JSON.parse(monitor.failures()) as FailureList).failures.length,
      }
    })
    console.log(`400 days: ${bytes} bytes, ${empty} of them before the first day`)
    expect(failures).toBe(50)
    expect(bytes).toBeLessThan(MAX.bytes)
  }, 120_000)

  test('minutes are deleted after 30 days and hours after 400, and daily figures stay', async () => {
    const ends = YEAR_BEGINS + 410 * DAY_MS
    await withMonitor(({ recordAll, monitor }) => {
      recordAll(minutesOf(YEAR_BEGINS, ends, () => good, 60))
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
    const { ticks, outages, check } = year(7, { minutes })
    expect(outages.length).toBeGreaterThan(2)
    const observed = new Map<number, string>()
    await withMonitor(({ record, monitor }) => {
      let newest = 0
      for (const at of ticks) {
        const { observation, last } = check(at, monitor.retryDelaysMs)
        record(observation, last)
        if (at > newest) observed.set(at, observation.result)
        newest = Math.max(newest, at)
      }
      const end = YEAR_BEGINS + minutes * MINUTE_MS
      const { state, t, p50 } = monitor.history('minute', end - 6 * DAY_MS, end)
      const wrong = t.filter(
        (time, at) => !fits(observed.get(Date.parse(time)), state[at] ?? null, p50[at] ?? null),
      )
      expect(wrong).toEqual([])
      const days = monitor.history('day', YEAR_BEGINS, end)
      const counted = days.seen.map((share) => Math.round((share ?? 0) * 1440))
      expect(counted.reduce((sum, count) => sum + count, 0)).toBe(observed.size)
      expect(monitor.incidents({ limit: 100 }).incidents.length).toBeGreaterThan(0)
    })
  }, 60_000)
})

const fits = (result: string | undefined, state: string | null, p50: number | null) => {
  if (result === undefined) return state === null && p50 === null
  return result === 'pass' ? state === 'up' && p50 !== null : state === 'blip' || state === 'down'
}
