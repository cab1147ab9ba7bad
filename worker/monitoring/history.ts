import { RESOLUTIONS, type History, type Resolution } from '../../src/lib/contract/history.ts'
import type { Cause } from '../../src/lib/diagnosis/index.ts'
import { historyOf, type Slice } from './history-response.ts'
import {
  emptyHour,
  mergeRollUps,
  MINUTES_PER_HOUR,
  rollUp,
  setMinute,
  stateOfMinute,
  type Hour,
  type RollUp,
} from './roll-up.ts'
import type { Slot } from './slot.ts'

/** Days are kept indefinitely. */
const RETENTION_HOURS = { minutes: 30 * 24, hours: 400 * 24 } as const
/** Rows that a single tick may delete. */
const MAX_PRUNED_ROWS = 24
const HOURS_PER_DAY = 24

type MinutesRow = { hour: number; marks: string; ms: ArrayBuffer; causes: string | null }
type RollUpRow = {
  nth: number
  up: number
  degraded: number
  blip: number
  down: number
  maintenance: number
  histogram: ArrayBuffer
  cause: Cause | null
}
type RollUpTable = 'history_hour' | 'history_day'

const ROLL_UP_COLUMNS = 'up, degraded, blip, down, maintenance, histogram, cause'

const hourOf = (ms: number) => Math.floor(ms / RESOLUTIONS.hour)
const dayOf = (hour: number) => Math.floor(hour / HOURS_PER_DAY)

/**
 * The state of one home, minute by minute: each hour of minutes is one row. A complete hour is rolled up into one row, and
 * so is a complete day. Rolling up twice gives the same result, so it is safe to repeat.
 */
export class HistoryStore {
  readonly #sql: SqlStorage
  readonly #home: number

  constructor(sql: SqlStorage, home: number) {
    this.#sql = sql
    this.#home = home
  }

  record(slots: readonly Slot[], at: number) {
    const now = hourOf(at)
    const isNewHour = !this.#readHour(now)
    for (const slot of slots) this.#writeMinute(slot)
    const changed = slots.map((slot) => hourOf(slot.at)).filter((hour) => hour < now)
    this.#rollUp(new Set([...changed, ...(isNewHour ? this.#pendingHours(now) : [])]), now)
    if (isNewHour) this.#prune(now)
  }

  /** `from` and `to` are ms since 1970, on slot boundaries. */
  read(res: Resolution, from: number, to: number): History {
    const [first, end] = [from / RESOLUTIONS[res], to / RESOLUTIONS[res]]
    if (res === 'minute') return historyOf(res, from, to, this.#minutes(first, end))
    const rollUps = res === 'hour' ? this.#hours(first, end) : this.#days(first, end)
    return historyOf(res, from, to, (nth) => sliceOf(rollUps.get(nth)))
  }

  #writeMinute({ at, state, ms, trouble }: Slot) {
    const hour = hourOf(at)
    const minute = Math.floor((at % RESOLUTIONS.hour) / RESOLUTIONS.minute)
    const before = this.#readHour(hour) ?? emptyHour()
    const {
      marks,
      ms: times,
      causes,
    } = setMinute(before, minute, state, ms, trouble?.cause ?? null)
    const storedCauses = Object.keys(causes).length > 0 ? JSON.stringify(causes) : null
    this.#sql.exec(
      'INSERT OR REPLACE INTO history_minutes (home, hour, marks, ms, causes) VALUES (?, ?, ?, ?, ?)',
      ...[this.#home, hour, marks, bytesOf(times), storedCauses],
    )
  }

  #readHour(hour: number): Hour | undefined {
    const [row] = this.#sql
      .exec<MinutesRow>(
        'SELECT hour, marks, ms, causes FROM history_minutes WHERE home = ? AND hour = ?',
        ...[this.#home, hour],
      )
      .toArray()
    return row && hourFrom(row)
  }

  /** Hours before `before` that are not rolled up yet. */
  #pendingHours(before: number): number[] {
    return this.#sql
      .exec<{ hour: number }>(
        `SELECT hour FROM history_minutes WHERE home = ?1 AND hour < ?2
           AND hour > (SELECT COALESCE(MAX(nth), -1) FROM history_hour WHERE home = ?1)`,
        ...[this.#home, before],
      )
      .toArray()
      .map(({ hour }) => hour)
  }

  #rollUp(hours: ReadonlySet<number>, now: number) {
    for (const hour of hours)
      this.#writeRollUp('history_hour', hour, rollUp(this.#readHour(hour) ?? emptyHour()))
    for (const day of new Set([...hours].map(dayOf)))
      if (day < dayOf(now)) this.#writeRollUp('history_day', day, this.#sumDay(day))
  }

  #writeRollUp(table: RollUpTable, nth: number, rollUp: RollUp) {
    const { up, degraded, blip, down, maintenance, histogram, cause } = rollUp
    const bytes = bytesOf(Uint16Array.from(histogram))
    this.#sql.exec(
      `INSERT OR REPLACE INTO ${table} (home, nth, ${ROLL_UP_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[this.#home, nth, up, degraded, blip, down, maintenance, bytes, cause],
    )
  }

  #readRollUps(table: RollUpTable, from: number, to: number): Map<number, RollUp> {
    const rows = this.#sql.exec<RollUpRow>(
      `SELECT nth, ${ROLL_UP_COLUMNS} FROM ${table} WHERE home = ? AND nth >= ? AND nth < ?`,
      ...[this.#home, from, to],
    )
    return new Map([...rows].map((row) => [row.nth, rollUpFrom(row)]))
  }

  #sumDay(day: number): RollUp {
    return mergeRollUps([...this.#hours(day * HOURS_PER_DAY, (day + 1) * HOURS_PER_DAY).values()])
  }

  /** Complete hours, and the current one. */
  #hours(from: number, to: number): Map<number, RollUp> {
    const hours = this.#readRollUps('history_hour', from, to)
    const newest = this.#newestHour()
    if (newest !== null && newest >= from && newest < to)
      hours.set(newest, rollUp(this.#readHour(newest) ?? emptyHour()))
    return hours
  }

  /** Complete days, and the current one. */
  #days(from: number, to: number): Map<number, RollUp> {
    const days = this.#readRollUps('history_day', from, to)
    const newestHour = this.#newestHour()
    const newest = newestHour === null ? null : dayOf(newestHour)
    if (newest !== null && newest >= from && newest < to) days.set(newest, this.#sumDay(newest))
    return days
  }

  #newestHour(): number | null {
    return this.#sql
      .exec<{
        hour: number | null
      }>('SELECT MAX(hour) AS hour FROM history_minutes WHERE home = ?', this.#home)
      .one().hour
  }

  #minutes(from: number, to: number): (nth: number) => Slice | undefined {
    const rows = this.#sql.exec<MinutesRow>(
      'SELECT hour, marks, ms, causes FROM history_minutes WHERE home = ? AND hour >= ? AND hour <= ?',
      ...[this.#home, Math.floor(from / MINUTES_PER_HOUR), Math.floor(to / MINUTES_PER_HOUR)],
    )
    const hours = new Map([...rows].map((row) => [row.hour, hourFrom(row)]))
    return (nth) => {
      const hour = hours.get(Math.floor(nth / MINUTES_PER_HOUR))
      return hour && minuteOf(hour, nth % MINUTES_PER_HOUR)
    }
  }

  #prune(now: number) {
    this.#deleteOldest('history_minutes', 'hour', now - RETENTION_HOURS.minutes)
    this.#deleteOldest('history_hour', 'nth', now - RETENTION_HOURS.hours)
  }

  #deleteOldest(table: string, key: string, before: number) {
    this.#sql.exec(
      `DELETE FROM ${table} WHERE home = ?1 AND ${key} IN
         (SELECT ${key} FROM ${table} WHERE home = ?1 AND ${key} < ?2 ORDER BY ${key} LIMIT ?3)`,
      ...[this.#home, before, MAX_PRUNED_ROWS],
    )
  }
}

const hourFrom = ({ marks, ms, causes }: MinutesRow): Hour => ({
  marks,
  ms: new Uint16Array(ms),
  causes: causes === null ? {} : (JSON.parse(causes) as Hour['causes']),
})

const rollUpFrom = ({ nth: _, histogram, ...row }: RollUpRow): RollUp => ({
  ...row,
  histogram: Array.from(new Uint16Array(histogram)),
})

/** Storage takes whole buffers; an array may be a view of one. */
const bytesOf = ({ buffer, byteOffset, byteLength }: Uint16Array): ArrayBuffer =>
  buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer

const sliceOf = (rollUp: RollUp | undefined): Slice | undefined => rollUp && { rollUp }

function minuteOf(hour: Hour, minute: number): Slice | undefined {
  if (stateOfMinute(hour, minute) === null) return undefined
  const time = hour.ms[minute] ?? 0
  const marks = hour.marks.charAt(minute)
  const one = rollUp({ marks, ms: Uint16Array.of(time), causes: {} })
  const cause = hour.causes[String(minute)] ?? null
  return { rollUp: { ...one, cause }, ms: time === 0 ? null : time }
}
