import {
  dereference,
  format,
  ignoredKeyword,
  schemaArrayKeyword,
  schemaKeyword,
  schemaMapKeyword,
  validate,
  type OutputUnit,
  type Schema,
  type SchemaDraft,
} from '@cfworker/json-schema'

/** A violation of a schema. The path is like `people.0.age`; empty for the whole value. */
export interface Mismatch {
  path: string
  message: string
}

type Lookup = Readonly<Record<string, Schema | boolean>>

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const listed = (values: unknown) =>
  [values]
    .flat()
    .map((value) => JSON.stringify(value))
    .join(', ')

/** By keyword, given its value in the schema. Keywords without a sentence only report that something inside them fails. */
const SENTENCES: Readonly<Record<string, (value: unknown, error: OutputUnit) => string>> = {
  false: () => 'is not allowed by the schema',
  type: (types) => `must be ${[types].flat().join(' or ')}`,
  enum: (values) => `must be one of ${listed(values)}`,
  const: (value) => `must be ${listed(value)}`,
  required: () => 'is missing',
  dependentRequired: () => 'is missing',
  minItems: (count) => `must have at least ${String(count)} items`,
  maxItems: (count) => `must have at most ${String(count)} items`,
  uniqueItems: () => 'must not have the same item twice',
  contains: () => 'must contain a matching item',
  minContains: (count) => `must contain at least ${String(count)} matching items`,
  maxContains: (count) => `must contain at most ${String(count)} matching items`,
  minProperties: (count) => `must have at least ${String(count)} properties`,
  maxProperties: (count) => `must have at most ${String(count)} properties`,
  propertyNames: () => 'has a property whose name the schema does not allow',
  minLength: (count) => `must be at least ${String(count)} characters long`,
  maxLength: (count) => `must be at most ${String(count)} characters long`,
  pattern: (pattern) => `must match ${String(pattern)}`,
  format: (name) => `must have the format ${String(name)}`,
  minimum: (least) => `must be ${String(least)} or more`,
  maximum: (most) => `must be ${String(most)} or less`,
  exclusiveMinimum: (least) => `must be more than ${String(least)}`,
  exclusiveMaximum: (most) => `must be less than ${String(most)}`,
  multipleOf: (step) => `must be a multiple of ${String(step)}`,
  anyOf: () => 'fits none of the choices',
  oneOf: (_, { error }) =>
    error.includes('(0 matches)')
      ? 'fits none of the choices'
      : 'fits more than one of the choices',
  not: () => 'is what it must not be',
}

/** These hide the violations inside them, which would only confuse. */
const SUMMARIES = ['anyOf', 'oneOf', 'contains', 'minContains', 'propertyNames']

/** Every violation. Keywords that are not checked (`uncheckedIn`) count as fulfilled. */
export function mismatches(value: unknown, given: unknown): Mismatch[] {
  try {
    const { schema, lookup } = readSchema(given)
    const { errors } = validate(value, schema, draftOf(schema), lookup, false)
    return readable(errors).map((error) => describe(error, schema, lookup))
  } catch (error) {
    return [{ path: '', message: `cannot be checked: ${explain(error)}` }]
  }
}

/** Schemas of other documents are not loaded: they allow everything, and `foreign` names them. */
function readSchema(given: unknown): { schema: Schema; lookup: Lookup; foreign: string[] } {
  // The library writes into the schema, which is JSON and may be a proxy of Svelte.
  const schema = JSON.parse(JSON.stringify(given)) as Schema
  const lookup = dereference(schema)
  const foreign = Object.values(lookup)
    .filter((part): part is Schema => isObject(part) && typeof part.$ref === 'string')
    .filter(({ $ref = '' }) => !$ref.startsWith('#'))
    .map(({ __absolute_ref__ }) => String(__absolute_ref__))
    .filter((reference) => !(reference in lookup))
  for (const reference of foreign) lookup[reference] = true
  return { schema, lookup, foreign }
}

const DRAFTS: readonly (readonly [string, SchemaDraft])[] = [
  ['draft-04', '4'],
  ['draft-06', '7'],
  ['draft-07', '7'],
  ['2019-09', '2019-09'],
]

const draftOf = ({ $schema }: Schema): SchemaDraft =>
  DRAFTS.find(([name]) => $schema?.includes(name))?.[1] ?? '2020-12'

/** For schemas with a dead reference, a faulty pattern, or endless recursion. */
function explain(error: unknown): string {
  if (error instanceof RangeError) return 'the schema refers to itself endlessly'
  const [reason = ''] = String(error instanceof Error ? error.message : error).split('\n')
  const reference = /^Unresolved \$ref "(.*?)"/.exec(reason)?.[1]
  return reference === undefined
    ? `the schema has a fault: ${reason}`
    : `the schema refers to ${reference}, which is not in it`
}

function readable(errors: readonly OutputUnit[]): OutputUnit[] {
  const located = withLocations(errors)
  const hidden = located.flatMap(({ keyword, keywordLocation }) =>
    SUMMARIES.includes(keyword) ? [`${keywordLocation.replace(/minContains$/, 'contains')}/`] : [],
  )
  return located.filter(
    ({ keyword, keywordLocation }) =>
      keyword in SENTENCES && !hidden.some((prefix) => keywordLocation.startsWith(prefix)),
  )
}

/** The library gives the schema `false` the location of the value. It belongs to the error before it. */
function withLocations(errors: readonly OutputUnit[]): OutputUnit[] {
  const located: OutputUnit[] = []
  for (const error of errors) {
    const parent = located.at(-1)?.keywordLocation ?? '#'
    const isFalse = error.keyword === 'false'
    located.push(isFalse ? { ...error, keywordLocation: `${parent}/false` } : error)
  }
  return located
}

function describe(error: OutputUnit, schema: Schema, lookup: Lookup): Mismatch {
  const { keyword, keywordLocation, instanceLocation } = error
  const path = [...namesOf(instanceLocation), ...missingNames(error)].join('.')
  const value = keyword === 'false' ? false : valueAt(keywordLocation, schema, lookup)
  return { path, message: SENTENCES[keyword]?.(value, error) ?? error.error }
}

/** The library names a missing member only in its sentence. */
function missingNames({ keyword, error }: OutputUnit): string[] {
  if (keyword !== 'required' && keyword !== 'dependentRequired') return []
  const [, name] = /(?:required property|does not have) "(.*)"\.$/s.exec(error) ?? []
  return name === undefined ? [] : [name]
}

const namesOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((name) => decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~'))

function valueAt(pointer: string, schema: Schema, lookup: Lookup): unknown {
  let value: unknown = schema
  for (const name of namesOf(pointer)) {
    if (typeof value !== 'object' || value === null) return undefined
    const part = value as Record<string, unknown>
    value = name === '$ref' ? lookup[String(part.__absolute_ref__)] : part[name]
  }
  return value
}

const CHECKED = new Set([
  ...Object.keys({
    ...ignoredKeyword,
    ...schemaKeyword,
    ...schemaArrayKeyword,
    ...schemaMapKeyword,
  }),
  ...Object.keys(SENTENCES),
  'dependencies',
])
/** Keywords that only describe. */
const ANNOTATIONS = ['title', 'description', 'examples', 'deprecated', 'readOnly', 'writeOnly']

/** The keywords of a schema that are not checked, each once. */
export function uncheckedIn(schema: unknown): string[] {
  const keywords = new Set<string>()
  const visit = (part: unknown) => {
    if (!isObject(part)) return
    for (const [keyword, value] of Object.entries(part)) {
      if (!isChecked(keyword, value)) keywords.add(keyword)
      for (const inner of schemasIn(keyword, value)) visit(inner)
    }
  }
  visit(schema)
  if (hasForeign(schema)) keywords.add('$ref')
  return [...keywords]
}

function hasForeign(schema: unknown): boolean {
  try {
    return readSchema(schema).foreign.length > 0
  } catch {
    // `mismatches` reports the fault of such a schema.
    return false
  }
}

const isChecked = (keyword: string, value: unknown) =>
  keyword === 'format'
    ? Object.hasOwn(format, String(value))
    : CHECKED.has(keyword) || ANNOTATIONS.includes(keyword)

function schemasIn(keyword: string, value: unknown): unknown[] {
  if (schemaMapKeyword[keyword]) return isObject(value) ? Object.values(value) : []
  if (Array.isArray(value)) return schemaArrayKeyword[keyword] ? value : []
  return schemaKeyword[keyword] ? [value] : []
}
