import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { misfits, uncheckedIn } from './json-schema.ts'
import { readJson } from './json.ts'

describe('JSON that a person types', () => {
  test('is read as JSON.parse reads it, whatever it is', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const read = readJson(text)
        expect(read.fault).toBeNull()
        expect(read.value).toEqual(JSON.parse(text))
      }),
    )
  })

  test('is refused exactly when JSON.parse refuses it, however it was cut or changed', () => {
    const isJson = (text: string) => {
      try {
        JSON.parse(text)
        return true
      } catch {
        return false
      }
    }
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', ',', '}', '"', '\\', '\n', '1', 'x'),
        (json, at, sign) => {
          const cut = at % (json.length + 1)
          const text = json.slice(0, cut) + sign + json.slice(cut + 1)
          expect(readJson(text).fault === null).toBe(isJson(text))
        },
      ),
      { numRuns: 1000 },
    )
  })

  test.each([
    ['{\n  "a": 1,\n  "b": tru\n}', 3, 8, 'a value is expected'],
    ['[1, 2,]', 1, 7, 'a value is expected'],
    ['{"a": 1,}', 1, 9, 'a name in quotation marks is expected'],
    ['{"a" 1}', 1, 6, 'a colon is expected'],
    ['[1 2]', 1, 4, 'a comma or ] is expected'],
    ['{"a": 1', 1, 8, 'it ends too early: a comma or } is expected'],
    ['[] x', 1, 4, 'something follows after the end'],
    ['', 1, 1, 'it ends too early: a value is expected'],
  ])('%j is wrong in line %i, column %i', (text, line, column, message) => {
    expect(readJson(text).fault).toEqual({ line, column, message })
  })

  test('a value is found in its line', () => {
    const read = readJson('[\n {"name": "a",\n  "age": "x"}\n]')
    expect(
      read.fault === null && [read.lineOf('0'), read.lineOf('0.age'), read.lineOf('0.no')],
    ).toEqual([2, 3, null])
  })

  test('nesting without end is told, and does not break anything', () => {
    expect(readJson('['.repeat(100_000)).fault?.message).toContain('too deeply')
  })
})

describe('an answer beside its schema', () => {
  const person = {
    type: 'object',
    required: ['name', 'age'],
    additionalProperties: false,
    properties: {
      name: { type: 'string', minLength: 2, pattern: '^[A-Z]' },
      age: { type: 'integer', minimum: 0, exclusiveMaximum: 150 },
      tags: { type: 'array', items: { enum: ['a', 'b'] }, uniqueItems: true, maxItems: 2 },
      friend: { $ref: '#/$defs/friend' },
      contact: { oneOf: [{ type: 'string' }, { type: 'null' }] },
    },
    $defs: { friend: { type: 'object', properties: { name: { const: 'Bo' } } } },
  }

  test.each([
    [{ name: 'Ann', age: 7 }, []],
    [{ name: 'Ann' }, ['age is missing']],
    [{ name: 'a', age: 7 }, ['name must be at least 2 characters long', 'name must match ^[A-Z]']],
    [{ name: 'Ann', age: 7.5 }, ['age must be integer']],
    [{ name: 'Ann', age: -1 }, ['age must be 0 or more']],
    [{ name: 'Ann', age: 150 }, ['age must be less than 150']],
    [{ name: 'Ann', age: 1, more: 1 }, ['more is not in the schema']],
    [{ name: 'Ann', age: 1, tags: ['a', 'c'] }, ['tags.1 must be one of "a", "b"']],
    [
      { name: 'Ann', age: 1, tags: ['a', 'a', 'b'] },
      ['tags must not hold the same twice', 'tags must hold at most 2'],
    ],
    [{ name: 'Ann', age: 1, friend: { name: 'Cy' } }, ['friend.name must be "Bo"']],
    [{ name: 'Ann', age: 1, contact: 5 }, ['contact fits none of the choices']],
    ['Ann', [' must be object']],
  ])('%j: %j', (value, told) => {
    expect(misfits(value, person).map(({ path, message }) => `${path} ${message}`)).toEqual(told)
  })

  test('the other keywords are checked, too', () => {
    const wrong = (schema: object, value: unknown) => misfits(value, schema).length > 0
    expect([
      wrong({ anyOf: [{ type: 'string' }, { type: 'number' }] }, true),
      wrong({ allOf: [{ minimum: 1 }, { maximum: 2 }] }, 3),
      wrong({ not: { const: 1 } }, 1),
      wrong({ multipleOf: 0.1 }, 0.35),
      wrong({ prefixItems: [{ type: 'string' }], items: false }, ['a', 1]),
      wrong({ type: ['string', 'null'] }, 1),
      wrong({ additionalProperties: { type: 'number' } }, { a: 'x' }),
      wrong({ minProperties: 1 }, {}),
      wrong({ $ref: '#/$defs/none' }, 1),
      wrong({ pattern: '(' }, 'a'),
    ]).toEqual(Array(10).fill(true))
    expect([
      wrong({ multipleOf: 0.1 }, 0.3),
      wrong({ prefixItems: [{ type: 'string' }], items: false }, ['a']),
    ]).toEqual([false, false])
  })

  test('a schema that refers to itself comes to an end', () => {
    expect(misfits(1, { $ref: '#' })).toEqual([])
    const tree = { type: 'object', properties: { next: { $ref: '#' } } }
    expect(misfits({ next: { next: 1 } }, tree)).toEqual([
      { path: 'next.next', message: 'must be object' },
    ])
  })

  test('names that every object has are no members', () => {
    expect(misfits({}, { required: ['toString'] })).toHaveLength(1)
  })

  test('what is not checked is named, and data inside a schema is not taken for keywords', () => {
    const schema = {
      type: 'object',
      properties: {
        format: { type: 'string', format: 'email' },
        pick: { enum: [{ contains: 1 }] },
      },
      if: { minProperties: 1 },
      $defs: { then: { $ref: 'https://else.example/x' } },
    }
    expect(uncheckedIn(schema)).toEqual(['format', 'if', '$ref'])
    expect(uncheckedIn(person)).toEqual([])
  })
})
