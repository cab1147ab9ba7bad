import { MINUTES_A_SLOT, type Day } from '../contract/status.ts'
import { SLOT_LETTERS, type SlotLetter } from '../contract/slots.ts'

export const HOURS_WIDTH = 288
export const HEIGHT = 36
const DOWN_HEIGHT = 20
const MAINTENANCE_HEIGHT = 12
const UNSEEN_HEIGHT = 6
/** A day with an outage has a red foot of at least this height, with this gap above it. */
const FOOT = 8
const GAP = 2
const BAR = 3
const PITCH = 4

/** One path per state. Height says it too, so that no colour is needed: up is full, unseen is a stub. */
export type Paths = Record<'up' | 'degraded' | 'down' | 'maintenance' | 'unseen', string>

const emptyPaths = (): Paths => ({ up: '', degraded: '', down: '', maintenance: '', unseen: '' })
const box = (x: number, width: number, height: number, bottom = HEIGHT) =>
  `M${x} ${bottom - height}h${width}v${height}h-${width}z`

const UNSEEN = SLOT_LETTERS.unknown.json
const DOWN = SLOT_LETTERS.down.json
const MAINTENANCE = SLOT_LETTERS.maintenance.json

const BOXES = {
  [SLOT_LETTERS.up.json]: ['up', HEIGHT],
  [SLOT_LETTERS.degraded.json]: ['degraded', HEIGHT],
  [DOWN]: ['down', DOWN_HEIGHT],
  [MAINTENANCE]: ['maintenance', MAINTENANCE_HEIGHT],
  [UNSEEN]: ['unseen', UNSEEN_HEIGHT],
} as const satisfies Record<SlotLetter, [keyof Paths, number]>

/** The last 24 hours. Equal neighbours share a box, so that the page stays small. */
export function hourPaths(hours: readonly SlotLetter[]): Paths {
  const paths = emptyPaths()
  for (let from = 0; from < hours.length;) {
    const letter = hours[from] ?? UNSEEN
    let to = from
    while (hours[to] === letter) to++
    const [name, height] = BOXES[letter]
    paths[name] += box(from, to - from, height)
    from = to
  }
  return paths
}

export const daysWidth = (days: readonly Day[]) => Math.max(1, days.length * PITCH - 1)

/** One bar a day. */
export function dayPaths(days: readonly Day[]): Paths {
  const paths = emptyPaths()
  for (const [index, { up, maintenance }] of days.entries()) {
    const x = index * PITCH
    if (up !== null) addWatchedDay(paths, x, up)
    else if (maintenance > 0) paths.maintenance += box(x, BAR, MAINTENANCE_HEIGHT)
    else paths.unseen += box(x, BAR, UNSEEN_HEIGHT)
  }
  return paths
}

/** The red foot grows with the time that the home was down. */
function addWatchedDay(paths: Paths, x: number, up: number) {
  if (up === 1) {
    paths.up += box(x, BAR, HEIGHT)
    return
  }
  const foot = Math.max(FOOT, Math.round((1 - up) * HEIGHT))
  paths.down += box(x, BAR, foot)
  const rest = HEIGHT - foot - GAP
  if (rest > 0) paths.up += box(x, BAR, rest, rest)
}

/** The share of the observed time in which the home was up, and how much was observed; `null` if nothing was. */
export function uptimeOf(days: readonly Day[]): { up: number; observed: number } | null {
  const observed = days.reduce((sum, day) => sum + day.observed, 0)
  if (observed === 0) return null
  const up = days.reduce((sum, day) => sum + (day.up ?? 0) * day.observed, 0)
  return { up: up / observed, observed: observed / days.length }
}

/** The chart of 24 hours in a sentence, for screen readers. */
export function describeHours(hours: readonly SlotLetter[]): string {
  const outages = hours.filter((letter, index) => letter === DOWN && hours[index - 1] !== DOWN)
  const minutesOf = (letter: SlotLetter) =>
    hours.filter((one) => one === letter).length * MINUTES_A_SLOT
  const times = outages.length === 1 ? 'once' : `${outages.length} times`
  return [
    outages.length === 0
      ? '24 hours: never down'
      : `24 hours: down ${times}, ${minutesOf(DOWN)} minutes in total`,
    minutesOf(MAINTENANCE) > 0 ? `${minutesOf(MAINTENANCE)} minutes of maintenance` : '',
    minutesOf(UNSEEN) > 0 ? `${minutesOf(UNSEEN)} minutes not observed` : '',
  ]
    .filter(Boolean)
    .join(', ')
}

/** On how many days there was maintenance, to follow a sentence; empty if on none. */
export function describeMaintenance(days: readonly Day[]): string {
  const planned = days.filter(({ maintenance }) => maintenance > 0).length
  if (planned === 0) return ''
  return `, maintenance on ${planned === 1 ? 'one day' : `${planned} days`}`
}
