/** Statistics over samples, and how the result is printed. */

export interface Spread {
  median: number
  p95: number
}

export interface Budget {
  what: string
  value: number
  unit: 'ms' | '%' | 'rows' | 'kB'
  most?: number
  least?: number
}

const sorted = (values: readonly number[]) => [...values].sort((one, other) => one - other)

export function median(values: readonly number[]): number {
  const ordered = sorted(values)
  const [lower, upper] = [
    ordered[Math.ceil(ordered.length / 2) - 1],
    ordered[Math.floor(ordered.length / 2)],
  ]
  return ((lower ?? NaN) + (upper ?? NaN)) / 2
}

/** The smallest sample that at least 95 % do not exceed; no value is invented between samples. */
const p95 = (values: readonly number[]) =>
  sorted(values)[Math.ceil(values.length * 0.95) - 1] ?? NaN

export const spread = (values: readonly number[]): Spread => ({
  median: median(values),
  p95: p95(values),
})

export const worst = (values: readonly number[]) => Math.max(...values)

export const isWithin = ({ value, most = Infinity, least = -Infinity }: Budget) =>
  value <= most && value >= least

export const fixed = (value: number, digits = 1) => value.toFixed(digits)

export function budgetTable(budgets: readonly Budget[]): string {
  const rows = budgets.map((budget) => {
    const { what, value, unit, most, least } = budget
    const bound = most === undefined ? `>= ${least} ${unit}` : `<= ${most} ${unit}`
    return [what, `${fixed(value)} ${unit}`, bound, isWithin(budget) ? 'within' : 'OVER']
  })
  return table(['', 'measured', 'budget', ''], rows)
}

/** Numbers are aligned right, words left. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = head.map((title, at) => {
    const cells = rows.map((row) => row[at] ?? '')
    const width = Math.max(title.length, ...cells.map((cell) => cell.length))
    const isFigures = cells.every((cell) => /^-?\d/.test(cell))
    return (cell: string) => (isFigures ? cell.padStart(width) : cell.padEnd(width))
  })
  const line = (row: readonly string[]) =>
    columns.map((align, at) => align(row[at] ?? '')).join('  ')
  return [head, ...rows].map((row) => `  ${line(row)}`.trimEnd()).join('\n')
}
