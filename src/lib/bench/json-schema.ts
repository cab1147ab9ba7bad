/** What does not fit, and where: `people.0.age`. The empty path is the whole. */
export interface Misfit {
  path: string
  message: string
}

type Schema = Readonly<Record<string, unknown>>

interface At {
  path: readonly string[]
  /** The schema that the keyword stands in, and the whole one, into which references point. */
  schema: Schema
  root: unknown
}

type Check = (value: unknown, wanted: unknown, at: At) => Misfit[]

/** Levels of schemas inside schemas; a schema may refer to itself. */
const DEEPEST = 100

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isSame = (one: unknown, other: unknown): boolean =>
  JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : [])
const say = ({ path }: At, message: string): Misfit[] => [{ path: path.join('.'), message }]

/** With the names in order: the order in which they are written does not matter. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, sorted(value[name])]),
  )
}

const TYPES = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  array: Array.isArray,
  object: isObject,
} as const satisfies Record<string, (value: unknown) => boolean>

const isType = (value: unknown, type: unknown) =>
  typeof type !== 'string' || !(type in TYPES) || TYPES[type as keyof typeof TYPES](value)

const limit =
  (fits: (value: number, limit: number) => boolean, words: (limit: number) => string): Check =>
  (value, wanted, at) =>
    typeof value === 'number' && typeof wanted === 'number' && !fits(value, wanted)
      ? say(at, words(wanted))
      : []

const length =
  (
    of: (value: unknown) => number | null,
    fits: (is: number, limit: number) => boolean,
    words: string,
  ): Check =>
  (value, wanted, at) => {
    const is = of(value)
    return is !== null && typeof wanted === 'number' && !fits(is, wanted)
      ? say(at, words.replace('#', String(wanted)))
      : []
  }

const signs = (value: unknown) => (typeof value === 'string' ? [...value].length : null)
const items = (value: unknown) => (Array.isArray(value) ? value.length : null)
const members = (value: unknown) => (isObject(value) ? Object.keys(value).length : null)
const atLeast = (is: number, limit: number) => is >= limit
const atMost = (is: number, limit: number) => is <= limit

const below = (value: unknown, schema: unknown, at: At, ...names: string[]) =>
  misfits(value, schema, at.root, [...at.path, ...names])

/** How many of these schemas fit. */
const fitting = (value: unknown, schemas: unknown, at: At) =>
  listOf(schemas).filter((schema) => below(value, schema, at).length === 0).length

const checkReference: Check = (value, wanted, at) => {
  const path =
    typeof wanted === 'string' && wanted.startsWith('#')
      ? wanted.slice(1).split('/').filter(Boolean)
      : null
  if (path === null) return []
  let target: unknown = at.root
  for (const name of path) target = isObject(target) ? target[decodeName(name)] : undefined
  return target === undefined
    ? say(at, `the schema refers to ${String(wanted)}, which is not in it`)
    : below(value, target, at)
}

const decodeName = (name: string) => name.replaceAll('~1', '/').replaceAll('~0', '~')

const checkPattern: Check = (value, wanted, at) => {
  if (typeof value !== 'string' || typeof wanted !== 'string') return []
  try {
    return new RegExp(wanted, 'u').test(value) ? [] : say(at, `must match ${wanted}`)
  } catch {
    return say(at, `the schema’s pattern ${wanted} cannot be read`)
  }
}

const checkAdditional: Check = (value, wanted, at) => {
  if (!isObject(value)) return []
  const known = isObject(at.schema.properties) ? at.schema.properties : {}
  // Names that only a pattern allows cannot be told from those that nothing does.
  const others =
    'patternProperties' in at.schema
      ? []
      : Object.keys(value).filter((name) => !Object.hasOwn(known, name))
  if (wanted === false)
    return others.flatMap((name) =>
      say({ ...at, path: [...at.path, name] }, 'is not in the schema'),
    )
  return others.flatMap((name) => below(value[name], wanted, at, name))
}

const CHECKS = {
  type: (value, wanted, at) => {
    const types = Array.isArray(wanted) ? (wanted as unknown[]) : [wanted]
    return types.some((type) => isType(value, type)) ? [] : say(at, `must be ${types.join(' or ')}`)
  },
  enum: (value, wanted, at) =>
    listOf(wanted).some((one) => isSame(one, value))
      ? []
      : say(
          at,
          `must be one of ${listOf(wanted)
            .map((one) => JSON.stringify(one))
            .join(', ')}`,
        ),
  const: (value, wanted, at) =>
    isSame(value, wanted) ? [] : say(at, `must be ${JSON.stringify(wanted)}`),
  required: (value, wanted, at) =>
    isObject(value)
      ? listOf(wanted)
          .map(String)
          .filter((name) => !Object.hasOwn(value, name))
          .flatMap((name) => say({ ...at, path: [...at.path, name] }, 'is missing'))
      : [],
  properties: (value, wanted, at) =>
    isObject(value) && isObject(wanted)
      ? Object.entries(wanted).flatMap(([name, schema]) =>
          Object.hasOwn(value, name) ? below(value[name], schema, at, name) : [],
        )
      : [],
  additionalProperties: checkAdditional,
  items: (value, wanted, at) => {
    const from = listOf(at.schema.prefixItems).length
    return listOf(value).flatMap((item, nth) =>
      nth < from ? [] : below(item, wanted, at, String(nth)),
    )
  },
  prefixItems: (value, wanted, at) =>
    listOf(value).flatMap((item, nth) => {
      const schema = listOf(wanted)[nth]
      return schema === undefined ? [] : below(item, schema, at, String(nth))
    }),
  uniqueItems: (value, wanted, at) => {
    const texts = listOf(value).map((item) => JSON.stringify(sorted(item)))
    return wanted === true && new Set(texts).size < texts.length
      ? say(at, 'must not hold the same twice')
      : []
  },
  minItems: length(items, atLeast, 'must hold at least #'),
  maxItems: length(items, atMost, 'must hold at most #'),
  minProperties: length(members, atLeast, 'must have at least # members'),
  maxProperties: length(members, atMost, 'must have at most # members'),
  minLength: length(signs, atLeast, 'must be at least # characters long'),
  maxLength: length(signs, atMost, 'must be at most # characters long'),
  pattern: checkPattern,
  minimum: limit(atLeast, (least) => `must be ${least} or more`),
  maximum: limit(atMost, (most) => `must be ${most} or less`),
  exclusiveMinimum: limit(
    (value, least) => value > least,
    (least) => `must be more than ${least}`,
  ),
  exclusiveMaximum: limit(
    (value, most) => value < most,
    (most) => `must be less than ${most}`,
  ),
  multipleOf: limit(
    (value, step) => Math.abs(value / step - Math.round(value / step)) < 1e-9,
    (step) => `must be a multiple of ${step}`,
  ),
  allOf: (value, wanted, at) => listOf(wanted).flatMap((schema) => below(value, schema, at)),
  anyOf: (value, wanted, at) =>
    fitting(value, wanted, at) > 0 ? [] : say(at, 'fits none of the choices'),
  oneOf: (value, wanted, at) => {
    const count = fitting(value, wanted, at)
    return count === 1
      ? []
      : say(at, count === 0 ? 'fits none of the choices' : 'fits more than one of the choices')
  },
  not: (value, wanted, at) =>
    below(value, wanted, at).length > 0 ? [] : say(at, 'is what it must not be'),
  $ref: checkReference,
} as const satisfies Record<string, Check>

/** What does not fit the schema. Keywords that are not checked (`uncheckedIn`) count as fitting. */
export function misfits(
  value: unknown,
  schema: unknown,
  root = schema,
  path: readonly string[] = [],
): Misfit[] {
  if (schema === false) return [{ path: path.join('.'), message: 'must not be there' }]
  if (!isObject(schema)) return []
  return nested(() =>
    Object.entries(schema).flatMap(([keyword, wanted]) =>
      keyword in CHECKS
        ? CHECKS[keyword as keyof typeof CHECKS](value, wanted, { path, schema, root })
        : [],
    ),
  )
}

let depth = 0
/** A schema that refers to itself for the same value would never end. */
function nested(check: () => Misfit[]): Misfit[] {
  if (depth >= DEEPEST) return []
  depth++
  try {
    return check()
  } finally {
    depth--
  }
}

/** These describe; there is nothing to check. */
const WORDS =
  'title description default examples $schema $id $anchor $comment $defs definitions deprecated readOnly writeOnly'.split(
    ' ',
  )
const MAPS = ['properties', '$defs', 'definitions', 'patternProperties', 'dependentSchemas']
/** Their values are data, not schemas. */
const DATA = ['enum', 'const', 'default', 'examples', 'required']

/** The keywords of a schema that are not checked here, each once. */
export function uncheckedIn(schema: unknown): string[] {
  const found = new Set<string>()
  const visit = (part: unknown) => {
    if (Array.isArray(part)) return part.forEach(visit)
    if (!isObject(part)) return
    for (const [keyword, value] of Object.entries(part)) {
      const isKnown = (keyword in CHECKS && !isForeign(keyword, value)) || WORDS.includes(keyword)
      if (!isKnown) found.add(keyword)
      if (MAPS.includes(keyword) && isObject(value)) Object.values(value).forEach(visit)
      else if (!DATA.includes(keyword)) visit(value)
    }
  }
  visit(schema)
  return [...found]
}

const isForeign = (keyword: string, value: unknown) =>
  keyword === '$ref' && !String(value).startsWith('#')
