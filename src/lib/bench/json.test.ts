import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readJson } from './json.ts'

describe('JSON with positions', () => {
  test('the JSON reader returns the same value as JSON.parse', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const read = readJson(text)
        expect(read.fault).toBeNull()
        expect(read.value).toEqual(JSON.parse(text))
      }),
    )
  })

  test('the JSON reader rejects a damaged text exactly when JSON.parse does', () => {
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
        (json, at, inserted) => {
          const cut = at % (json.length + 1)
          const text = json.slice(0, cut) + inserted + json.slice(cut + 1)
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
    ['[] x', 1, 4, 'unexpected text after the end'],
    ['', 1, 1, 'it ends too early: a value is expected'],
  ])('the JSON text %j has a fault in line %i, column %i', (text, line, column, message) => {
    expect(readJson(text).fault).toEqual({ line, column, message })
  })

  test('every JSON value has the line in which it begins', () => {
    const read = readJson('[\n {"name": "a",\n  "age": "x"}\n]')
    expect(
      read.fault === null && [read.lineOf('0'), read.lineOf('0.age'), read.lineOf('0.no')],
    ).toEqual([2, 3, null])
  })

  test('a JSON text that is nested too deeply is rejected with a message', () => {
    expect(readJson('['.repeat(100_000)).fault?.message).toContain('too deeply')
  })
})
