import { describe, expect, test } from 'vitest'
import { mismatches, uncheckedIn } from './json-schema.ts'

describe('JSON Schema validation', () => {
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
    [{ name: 'Ann', age: 1, more: 1 }, ['more is not allowed by the schema']],
    [{ name: 'Ann', age: 1, tags: ['a', 'c'] }, ['tags.1 must be one of "a", "b"']],
    [
      { name: 'Ann', age: 1, tags: ['a', 'a', 'b'] },
      ['tags must have at most 2 items', 'tags must not have the same item twice'],
    ],
    [{ name: 'Ann', age: 1, friend: { name: 'Cy' } }, ['friend.name must be "Bo"']],
    [{ name: 'Ann', age: 1, contact: 5 }, ['contact fits none of the choices']],
    ['Ann', [' must be object']],
  ])('the answer %j violates the schema of a person with %j', (value, violations) => {
    expect(mismatches(value, person).map(({ path, message }) => `${path} ${message}`)).toEqual(
      violations,
    )
  })

  test('every other schema keyword rejects an invalid value and accepts a valid one', () => {
    const wrong = (schema: object, value: unknown) => mismatches(value, schema).length > 0
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

  test('a schema may refer to itself, but not endlessly', () => {
    const tree = { type: 'object', properties: { next: { $ref: '#' } } }
    expect(mismatches({ next: { next: 1 } }, tree)).toEqual([
      { path: 'next.next', message: 'must be object' },
    ])
    expect(mismatches(1, { $ref: '#' })).toEqual([
      { path: '', message: 'cannot be checked: the schema refers to itself endlessly' },
    ])
  })

  test('properties that every object inherits do not count as members of an answer', () => {
    expect(mismatches({}, { required: ['toString'] })).toEqual([
      { path: 'toString', message: 'is missing' },
    ])
  })

  test.each([
    [{ if: { required: ['a'] }, then: { required: ['b'] } }, { a: 1 }, 'b is missing'],
    [{ dependentRequired: { a: ['b "x"'] } }, { a: 1 }, 'b "x" is missing'],
    [{ patternProperties: { '^x': { type: 'number' } } }, { x1: 'a' }, 'x1 must be number'],
    [
      { propertyNames: { pattern: '^x' } },
      { a: 1 },
      ' has a property whose name the schema does not allow',
    ],
    [{ unevaluatedProperties: false }, { a: 1 }, 'a is not allowed by the schema'],
    [{ contains: { type: 'number' } }, ['a'], ' must contain a matching item'],
    [
      { contains: { type: 'number' }, minContains: 2 },
      ['a', 1],
      ' must contain at least 2 matching items',
    ],
    [{ anyOf: [{ additionalProperties: false }, false] }, { a: 1 }, ' fits none of the choices'],
    [{ oneOf: [{ type: 'number' }, { minimum: 1 }] }, 2, ' fits more than one of the choices'],
    [
      { properties: { 'a/b~#%': { items: { enum: [1] } } } },
      { 'a/b~#%': [2] },
      'a/b~#%.0 must be one of 1',
    ],
    [{ format: 'email' }, 'nobody', ' must have the format email'],
    [
      { $ref: '#/$defs/none' },
      1,
      ' cannot be checked: the schema refers to #/$defs/none, which is not in it',
    ],
    [
      { $schema: 'http://json-schema.org/draft-04/schema#', minimum: 1, exclusiveMinimum: true },
      1,
      ' must be 1 or more',
    ],
  ])('the schema %j rejects %j with "%s"', (schema, value, violation) => {
    expect(mismatches(value, schema).map(({ path, message }) => `${path} ${message}`)).toEqual([
      violation,
    ])
  })

  test('validation does not change the schema', () => {
    const schema = Object.freeze({ properties: Object.freeze({ a: Object.freeze({ $ref: '#' }) }) })
    expect(mismatches({ a: {} }, schema)).toEqual([])
  })

  test('unchecked keywords are listed, and data inside a schema is not mistaken for keywords', () => {
    const schema = {
      type: 'object',
      properties: {
        format: { type: 'string', format: 'color' },
        pick: { enum: [{ strange: 1 }], contentEncoding: 'base64' },
        far: { $ref: 'https://else.example/x' },
      },
      if: { minProperties: 1 },
    }
    expect(uncheckedIn(schema)).toEqual(['format', 'contentEncoding', '$ref'])
    expect(mismatches({ far: 1, format: 1 }, schema)).toEqual([
      { path: 'format', message: 'must be string' },
    ])
    expect(uncheckedIn(person)).toEqual([])
  })
})
