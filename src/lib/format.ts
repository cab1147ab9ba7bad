const SECOND_MS = 1000

/** From the largest. */
const UNITS = [
  { unit: 'day', unitMs: 86_400_000 },
  { unit: 'hour', unitMs: 3_600_000 },
  { unit: 'minute', unitMs: 60_000 },
  { unit: 'second', unitMs: SECOND_MS },
] as const

type Unit = (typeof UNITS)[number]['unit']

/** English abbreviates these two with words of its own; everywhere in Porchlight they are the international symbols. */
const SYMBOLS: Readonly<Record<string, string>> = { sec: 's', hr: 'h' }

/** "0.42 s", "14 min", "1 day". */
const withUnit = (value: number, unit: Unit, decimals = 0): string =>
  new Intl.NumberFormat('en', {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  })
    .formatToParts(value)
    .map((part) => (part.type === 'unit' ? (SYMBOLS[part.value] ?? part.value) : part.value))
    .join('')

/** A measured time, in at most two units: "0.42 s", "8.1 s", "42 s", "2 min 5 s", "1 day 3 h". */
export function duration(ms: number): string {
  if (ms < SECOND_MS) return withUnit(ms / SECOND_MS, 'second', 2)
  if (ms < 10 * SECOND_MS) return withUnit(ms / SECOND_MS, 'second', 1)
  let restMs = Math.round(ms / SECOND_MS) * SECOND_MS
  const parts = UNITS.map(({ unit, unitMs }) => {
    const value = Math.floor(restMs / unitMs)
    restMs -= value * unitMs
    return { unit, value }
  })
  const first = parts.findIndex(({ value }) => value > 0)
  return parts
    .slice(first, first + 2)
    .filter(({ value }) => value > 0)
    .map(({ value, unit }) => withUnit(value, unit))
    .join(' ')
}

/** About how long: "8 s", "14 min", "47 h", "2 days". Days begin at two, because "26 h" says more than "1 day". */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / SECOND_MS))
  if (seconds < 60) return withUnit(seconds, 'second')
  if (seconds < 3600) return withUnit(Math.round(seconds / 60), 'minute')
  if (seconds < 48 * 3600) return withUnit(Math.round(seconds / 3600), 'hour')
  return withUnit(Math.round(seconds / 86_400), 'day')
}

/** "8 s ago", "2 days ago". */
export const ago = (iso: string, now: number) => `${span(now - Date.parse(iso))} ago`

/** Whole seconds, for a running count. */
export const wholeSeconds = (ms: number) => withUnit(Math.floor(ms / SECOND_MS), 'second')

/** The time of day, with the date unless it is today. On this device's clock, or in the time zone that is given. */
export function clock(iso: string, now: number, timeZone?: string): string {
  const locale = timeZone === undefined ? [] : 'en-GB'
  const time = new Date(iso)
  const timeOfDay = time.toLocaleTimeString(locale, {
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
  })
  const dayOf = (date: Date) => date.toLocaleDateString(locale, { timeZone })
  if (dayOf(time) === dayOf(new Date(now))) return timeOfDay
  const date = time.toLocaleDateString(locale, { day: 'numeric', month: 'short', timeZone })
  return `${date}, ${timeOfDay}`
}

/** What a server can say without knowing the reader's time zone: "24 Nov, 14:02 UTC". */
export const utcClock = (iso: string, now: number) => `${clock(iso, now, 'UTC')} UTC`

/** Bytes as Ollama shows them, in decimal units: "2.0 GB". */
export function size(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`
}

const numbers = new Intl.NumberFormat('en')
export const number = (value: number) => numbers.format(value)

const KINDS: Readonly<Record<string, string>> = {
  completion: '',
  insert: 'insert',
  tools: 'tools',
  vision: 'images',
  thinking: 'thinking',
  embedding: 'embedding',
}

/** A model's capabilities besides completion, in words. */
export const kinds = (capabilities: readonly string[]) =>
  capabilities.map((capability) => KINDS[capability] ?? capability).filter(Boolean)

/** “24 Nov 2026”. */
export const day = (time: string) =>
  new Date(time).toLocaleDateString('en-GB', { dateStyle: 'medium' })
