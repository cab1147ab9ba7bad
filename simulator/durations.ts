/** Times as Go prints and reads them. */
const UNITS = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
} as const satisfies Record<string, number>
const FOREVER_MS = 9_223_372_036_854

export type Duration = { ms: number } | { error: string }

/** Digits below the millisecond are invented: nothing reads them, but every client must accept them. */
export function timestamp(ms: number = Date.now()): string {
  const millis = new Date(ms).toISOString().slice(0, -1)
  const nanos = String(Number(process.hrtime.bigint() % 1_000_000n)).padStart(6, '0')
  return `${millis}${nanos}`.replace(/\.?0+$/, '') + 'Z'
}

export function httpDate(): string {
  return new Date().toUTCString()
}

function parseText(text: string): Duration {
  const [, sign = '', rest = ''] = /^([-+]?)(.*)$/s.exec(text) ?? []
  const wrong = { error: `time: invalid duration ${JSON.stringify(text)}` }
  if (rest === '0') return { ms: 0 }
  let ms = 0
  let left = rest
  while (left !== '') {
    const [all, digits, unit] = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(left) ?? []
    if (all === undefined || digits === undefined) return wrong
    if (!unit) return { error: `time: missing unit in duration ${JSON.stringify(text)}` }
    if (!(unit in UNITS))
      return {
        error: `time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`,
      }
    ms += Number(digits) * UNITS[unit as keyof typeof UNITS]
    left = left.slice(all.length)
  }
  return rest === '' ? wrong : { ms: sign === '-' ? -ms : ms }
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}'
  return typeof value === 'boolean' ? 'bool' : 'map[string]interface {}'
}

/** keep_alive: a number is seconds, a text needs units, a negative value means indefinitely. */
export function parseKeepAlive(value: unknown): Duration {
  if (typeof value !== 'number' && typeof value !== 'string')
    return { error: `Unsupported type: '${kindOf(value)}'` }
  const duration = typeof value === 'number' ? { ms: value * 1000 } : parseText(value)
  return 'ms' in duration && duration.ms < 0 ? { ms: FOREVER_MS } : duration
}
