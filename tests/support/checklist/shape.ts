/** What kind of value stands at every depth of a JSON value: `.models[].size` is a number. */
export type Shape = ReadonlyMap<string, string>

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

export function shapeOf(value: unknown): Shape {
  const found = new Map<string, Set<string>>()
  for (const [path, kind] of kindsIn(value, ''))
    found.set(path, (found.get(path) ?? new Set()).add(kind))
  return new Map([...found].map(([path, kinds]) => [path, [...kinds].sort().join(' or ')]))
}

function* kindsIn(value: unknown, path: string): Generator<[path: string, kind: string]> {
  yield [path, kindOf(value)]
  if (typeof value !== 'object' || value === null) return
  const isList = Array.isArray(value)
  for (const [key, inner] of Object.entries(value))
    yield* kindsIn(inner, isList ? `${path}[]` : `${path}.${key}`)
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  return typeof value === 'string' && TIME.test(value) ? 'time' : typeof value
}

export interface Difference {
  path: string
  real: string
  simulated: string
}

export function differences(real: Shape, simulated: Shape): Difference[] {
  const paths = new Set([...real.keys(), ...simulated.keys()])
  return [...paths]
    .map((path) => ({
      path,
      real: real.get(path) ?? 'absent',
      simulated: simulated.get(path) ?? 'absent',
    }))
    .filter((pair) => pair.real !== pair.simulated)
}
