import { RESOLUTIONS, type History, type Resolution } from '../../src/lib/contract/history.ts'
import type { Cause } from '../../src/lib/diagnosis/index.ts'
import { columnsOf, type Slice } from './history-response.ts'
import {
  emptyHour,
  MARKS,
  MINUTES,
  rollUp,
  setMinute,
  sumUp,
  type Hour,
  type Roll,
} from './roll-up.ts'
import type { Slot } from './reducer.ts'

/** Minutes are kept for 30 days, hours for 400, days for ever. In hours. */
export const KEPT_HOURS = { minutes: 30 * 24, hours: 400 * 24 } as const
/** What a single tick may throw away. Rows. */
const PRUNED_AT_ONCE = 24
const HOURS_A_DAY = 24

type MinutesRow = { hour: number; marks: string; ms: ArrayBuffer; causes: string | null }
type RollRow = {
  nth: number
  up: number
  degraded: number
  blip: number
  down: number
  maintenance: number
  histogram: ArrayBuffer
  cause: Cause | null
}
type RollTable = 'history_hour' | 'history_day'

const FIGURES = 'up, degraded, blip, down, maintenance, histogram, cause'

const hourOf = (ms: number) => Math.floor(ms / RESOLUTIONS.hour)
const dayOf = (hour: number) => Math.floor(hour / HOURS_A_DAY)

/**
 * How the home was, minute by minute: an hour of minutes is one row. An hour that is over is folded into a row of figures,
 * a day that is over into another; folding again gives the same, so it may be repeated.
 */
export function historyOf(sql: SqlStorage, home: number) {
  function record(slots: readonly Slot[], at: number) {
    const now = hourOf(at)
    const isNew = !readHour(now)
    for (const slot of slots) set(slot)
    const changed = slots.map((slot) => hourOf(slot.at)).filter((hour) => hour < now)
    const past = new Set([...changed, ...(isNew ? unfolded(now) : [])])
    for (const hour of past) put('history_hour', hour, rollUp(readHour(hour) ?? emptyHour()))
    for (const day of new Set([...past].map(dayOf)))
      if (day < dayOf(now)) put('history_day', day, sumDay(day))
    if (isNew) prune(now)
  }

  function set({ at, mark, ms, trouble }: Slot) {
    const hour = hourOf(at)
    const minute = Math.floor((at % RESOLUTIONS.hour) / RESOLUTIONS.minute)
    const {
      marks,
      ms: times,
      causes,
    } = setMinute(readHour(hour) ?? emptyHour(), minute, mark, ms, trouble?.cause ?? null)
    sql.exec(
      'INSERT OR REPLACE INTO history_minutes (home, hour, marks, ms, causes) VALUES (?, ?, ?, ?, ?)',
      ...[
        home,
        hour,
        marks,
        bytesOf(times),
        Object.keys(causes).length > 0 ? JSON.stringify(causes) : null,
      ],
    )
  }

  function readHour(hour: number): Hour | undefined {
    const [row] = sql
      .exec<MinutesRow>(
        'SELECT hour, marks, ms, causes FROM history_minutes WHERE home = ? AND hour = ?',
        home,
        hour,
      )
      .toArray()
    return row && hourFrom(row)
  }

  function unfolded(before: number): number[] {
    return sql
      .exec<{ hour: number }>(
        `SELECT hour FROM history_minutes WHERE home = ?1 AND hour < ?2
           AND hour > (SELECT COALESCE(MAX(nth), -1) FROM history_hour WHERE home = ?1)`,
        home,
        before,
      )
      .toArray()
      .map(({ hour }) => hour)
  }

  function put(
    table: RollTable,
    nth: number,
    { up, degraded, blip, down, maintenance, histogram, cause }: Roll,
  ) {
    sql.exec(
      `INSERT OR REPLACE INTO ${table} (home, nth, ${FIGURES}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[
        home,
        nth,
        up,
        degraded,
        blip,
        down,
        maintenance,
        bytesOf(Uint16Array.from(histogram)),
        cause,
      ],
    )
  }

  const sumDay = (day: number) =>
    sumUp([...hoursIn(day * HOURS_A_DAY, (day + 1) * HOURS_A_DAY).values()])

  function rolls(table: RollTable, from: number, to: number): Map<number, Roll> {
    const rows = sql.exec<RollRow>(
      `SELECT nth, ${FIGURES} FROM ${table} WHERE home = ? AND nth >= ? AND nth < ?`,
      home,
      from,
      to,
    )
    return new Map(
      [...rows].map(({ nth, histogram, ...row }) => [
        nth,
        { ...row, histogram: Array.from(new Uint16Array(histogram)) },
      ]),
    )
  }

  /** Hours that are over, and the one that is not. */
  function hoursIn(from: number, to: number): Map<number, Roll> {
    const hours = rolls('history_hour', from, to)
    const last = newestHour()
    if (last !== null && last >= from && last < to)
      hours.set(last, rollUp(readHour(last) ?? emptyHour()))
    return hours
  }

  function newestHour(): number | null {
    const [row] = sql
      .exec<{ hour: number | null }>(
        'SELECT MAX(hour) AS hour FROM history_minutes WHERE home = ?',
        home,
      )
      .toArray()
    return row?.hour ?? null
  }

  function daysIn(from: number, to: number): Map<number, Roll> {
    const days = rolls('history_day', from, to)
    const last = newestHour()
    if (last !== null && dayOf(last) >= from && dayOf(last) < to)
      days.set(dayOf(last), sumDay(dayOf(last)))
    return days
  }

  function minutesIn(from: number, to: number): (nth: number) => Slice | undefined {
    const rows = sql.exec<MinutesRow>(
      'SELECT hour, marks, ms, causes FROM history_minutes WHERE home = ? AND hour >= ? AND hour <= ?',
      ...[home, Math.floor(from / MINUTES), Math.floor(to / MINUTES)],
    )
    const hours = new Map([...rows].map((row) => [row.hour, hourFrom(row)]))
    return (nth) => {
      const hour = hours.get(Math.floor(nth / MINUTES))
      return hour && minuteOf(hour, nth % MINUTES)
    }
  }

  /** From and to in ms since 1970, on the boundaries of slots. */
  function read(res: Resolution, from: number, to: number): History {
    const [first, end] = [from / RESOLUTIONS[res], to / RESOLUTIONS[res]]
    if (res === 'minute') return columnsOf(res, from, to, minutesIn(first, end))
    const found = res === 'hour' ? hoursIn(first, end) : daysIn(first, end)
    return columnsOf(res, from, to, (nth) => asSlice(found.get(nth)))
  }

  function prune(now: number) {
    const old = (table: string, key: string, before: number) =>
      sql.exec(
        `DELETE FROM ${table} WHERE home = ?1 AND ${key} IN
           (SELECT ${key} FROM ${table} WHERE home = ?1 AND ${key} < ?2 ORDER BY ${key} LIMIT ?3)`,
        ...[home, before, PRUNED_AT_ONCE],
      )
    old('history_minutes', 'hour', now - KEPT_HOURS.minutes)
    old('history_hour', 'nth', now - KEPT_HOURS.hours)
  }

  return { record, read }
}

const hourFrom = ({ marks, ms, causes }: MinutesRow): Hour => ({
  marks,
  ms: new Uint16Array(ms),
  causes: causes === null ? {} : (JSON.parse(causes) as Hour['causes']),
})

/** Storage takes buffers, of which an array may be a part. */
const bytesOf = ({ buffer, byteOffset, byteLength }: Uint16Array): ArrayBuffer =>
  buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer

const asSlice = (roll: Roll | undefined): Slice | undefined => roll && { roll }

function minuteOf({ marks, ms, causes }: Hour, minute: number): Slice | undefined {
  const mark = marks[minute] ?? ''
  if (!SEEN_MARKS.includes(mark)) return undefined
  const time = ms[minute] ?? 0
  const roll = rollUp({ marks: mark, ms: Uint16Array.of(time), causes: {} })
  return { roll: { ...roll, cause: causes[String(minute)] ?? null }, ms: time === 0 ? null : time }
}

const SEEN_MARKS: readonly string[] = [
  MARKS.up,
  MARKS.degraded,
  MARKS.blip,
  MARKS.down,
  MARKS.maintenance,
]
