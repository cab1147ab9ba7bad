/** JSON as Go reads and writes it: Go's error messages, and Go's escapes in the output. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }
export type Decoded = { value: Json } | { error: string }

const ESCAPES = /[<>&\u2028\u2029]/g
const VALUE = 'looking for beginning of value'
const KEY = 'looking for beginning of object key string'
const LITERALS = { t: 'true', f: 'false', n: 'null' } as const satisfies Record<string, string>

export function encode(value: unknown): string {
  return JSON.stringify(value).replace(
    ESCAPES,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function quoteChar(sign: string): string {
  if (sign === "'") return `'\\''`
  if (sign === '"') return `'"'`
  const code = sign.charCodeAt(0)
  const hex = `\\x${code.toString(16).padStart(2, '0')}`
  return `'${code < 0x20 || code === 0x7f ? hex : sign.replace('\\', '\\\\')}'`
}

/** Scans the bytes only to find the end of the first value, or Go's error message. */
class Scanner {
  readonly text: string
  at = 0
  problem: string | null = null

  constructor(text: string) {
    this.text = text
  }

  peek(): string {
    while (' \t\r\n'.includes(this.text[this.at] ?? '!')) this.at++
    return this.text[this.at] ?? ''
  }

  fail(where: string): false {
    const sign = this.text[this.at]
    this.problem ??=
      sign === undefined ? 'unexpected EOF' : `invalid character ${quoteChar(sign)} ${where}`
    return false
  }

  expect(sign: string, where: string): boolean {
    if (this.peek() !== sign) return this.fail(where)
    this.at++
    return true
  }

  value(): boolean {
    const sign = this.peek()
    if (sign === '{') return this.object()
    if (sign === '[') return this.array()
    if (sign === '"') return this.string()
    if (/[-0-9]/.test(sign)) return this.number()
    return sign in LITERALS
      ? this.literal(LITERALS[sign as keyof typeof LITERALS])
      : this.fail(VALUE)
  }

  object(): boolean {
    this.at++
    if (this.peek() === '}') return this.expect('}', KEY)
    do {
      if (this.peek() !== '"') return this.fail(KEY)
      if (!this.string() || !this.expect(':', 'after object key') || !this.value()) return false
    } while (this.peek() === ',' && ++this.at)
    return this.expect('}', 'after object key:value pair')
  }

  array(): boolean {
    this.at++
    if (this.peek() === ']') return this.expect(']', VALUE)
    do {
      if (!this.value()) return false
    } while (this.peek() === ',' && ++this.at)
    return this.expect(']', 'after array element')
  }

  string(): boolean {
    for (this.at++; this.at < this.text.length; this.at++) {
      const sign = this.text[this.at] ?? ''
      if (sign === '"') return ++this.at > 0
      if (sign < ' ') return this.fail('in string literal')
      if (sign === '\\' && !/["\\/bfnrtu]/.test(this.text[++this.at] ?? '"'))
        return this.fail('in string escape code')
    }
    return this.fail('in string literal')
  }

  number(): boolean {
    const digits = /-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y
    digits.lastIndex = this.at
    const found = digits.exec(this.text)
    if (found) this.at += found[0].length
    else this.at++
    return found !== null || this.fail('in numeric literal')
  }

  literal(word: string): boolean {
    for (const letter of word) {
      if (this.text[this.at] !== letter)
        return this.fail(`in literal ${word} (expecting ${quoteChar(letter)})`)
      this.at++
    }
    return true
  }
}

/** The first value of a body, as Go's decoder reads it: anything after it is ignored. */
export function decode(body: Buffer): Decoded {
  const scanner = new Scanner(body.toString('latin1'))
  if (scanner.peek() === '') return { error: 'missing request body' }
  if (!scanner.value()) return { error: scanner.problem ?? 'unexpected EOF' }
  try {
    return { value: JSON.parse(body.subarray(0, scanner.at).toString('utf8')) as Json }
  } catch {
    return { error: 'invalid character in string escape code' }
  }
}
