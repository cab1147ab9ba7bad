import type { Day, Slot } from '../contract/status.ts'

export const HOURS_WIDTH = 288
export const HEIGHT = 36
const DOWN_HEIGHT = 20
const GAP_HEIGHT = 6
const MAINTENANCE_HEIGHT = 12
/** A bad day stands on a red foot of this height at least, with this much air above it. */
const FOOT = 8
const AIR = 2
const BAR = 3
const PITCH = 4

/** Paths by what they mean. Height says it too: up is full, down is shorter, maintenance lower still, not observed is a stub. */
export interface Paths {
  up: string
  slow: string
  down: string
  planned: string
  gap: string
}

const none = (): Paths => ({ up: '', slow: '', down: '', planned: '', gap: '' })
const box = (x: number, width: number, height: number, bottom = HEIGHT) =>
  `M${x} ${bottom - height}h${width}v${height}h-${width}z`

const SLOTS = {
  u: ['up', HEIGHT],
  s: ['slow', HEIGHT],
  d: ['down', DOWN_HEIGHT],
  m: ['planned', MAINTENANCE_HEIGHT],
  '-': ['gap', GAP_HEIGHT],
} as const satisfies Record<Slot, [keyof Paths, number]>

/** The last 24 hours as runs of equal slots: few boxes, however many slots. */
export function hourPaths(hours: readonly Slot[]): Paths {
  const paths = none()
  for (let from = 0; from < hours.length;) {
    const slot = hours[from] ?? '-'
    let to = from
    while (hours[to] === slot) to++
    const [name, height] = SLOTS[slot]
    paths[name] += box(from, to - from, height)
    from = to
  }
  return paths
}

export const daysWidth = (days: readonly Day[]) => Math.max(1, days.length * PITCH - 1)

/** One bar a day. The red foot grows with what was lost. */
export function dayPaths(days: readonly Day[]): Paths {
  const paths = none()
  days.forEach(({ up, maintenance }, nth) => {
    const x = nth * PITCH
    if (up === null && maintenance > 0)
      return void (paths.planned += box(x, BAR, MAINTENANCE_HEIGHT))
    if (up === null) return void (paths.gap += box(x, BAR, GAP_HEIGHT))
    if (up === 1) return void (paths.up += box(x, BAR, HEIGHT))
    const foot = Math.max(FOOT, Math.round((1 - up) * HEIGHT))
    paths.down += box(x, BAR, foot)
    const rest = HEIGHT - foot - AIR
    if (rest > 0) paths.up += box(x, BAR, rest, rest)
  })
  return paths
}

/** The share of the observed time that was up, and how much was observed; `null`: nothing was. */
export function uptimeOf(days: readonly Day[]): { up: number; observed: number } | null {
  const observed = days.reduce((sum, day) => sum + day.observed, 0)
  if (observed === 0) return null
  const up = days.reduce((sum, day) => sum + (day.up ?? 0) * day.observed, 0)
  return { up: up / observed, observed: observed / days.length }
}

const count = (times: number) => (times === 1 ? 'once' : `${times} times`)

/** The strip in a sentence, for who does not see it. */
export function hoursSaid(hours: readonly Slot[]): string {
  const times = hours.filter((slot, nth) => slot === 'd' && hours[nth - 1] !== 'd').length
  const minutes = (slot: Slot) => hours.filter((one) => one === slot).length * 5
  const down =
    times === 0 ? 'never down' : `down ${count(times)}, about ${minutes('d')} minutes together`
  const planned = minutes('m') === 0 ? '' : `, ${minutes('m')} minutes of maintenance`
  const gap = minutes('-') === 0 ? '' : `, ${minutes('-')} minutes not observed`
  return `24 hours: ${down}${planned}${gap}`
}

/** Days of which some was maintenance, in a sentence; empty: none was. */
export function plannedSaid(days: readonly Day[]): string {
  const planned = days.filter(({ maintenance }) => maintenance > 0).length
  if (planned === 0) return ''
  return `, maintenance on ${planned === 1 ? 'one day' : `${planned} days`}`
}
