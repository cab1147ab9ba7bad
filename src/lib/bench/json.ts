/** Lines and columns count from 1. */
export interface JsonFault {
  message: string
  line: number
  column: number
}

export type ReadJson =
  | { value: unknown; fault: null; lineOf: (path: string) => number | null }
  | { value: null; fault: JsonFault }

// eslint-disable-next-line no-control-regex -- JSON forbids control characters in strings
const STRING = /"[^"\\\0-\x1f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\0-\x1f]*)*"/y
const OTHER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y
const SPACE = /[ \t\n\r]*/y
const MAX_DEPTH = 200

class Unexpected extends Error {}

/** JSON.parse gives no positions of values, and browsers report the position of an error differently. */
class Scanner {
  /** Where the value of each path begins. */
  readonly offsets = new Map<string, number>()
  at = 0
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  scan() {
    this.#value([])
    if (this.#peek() !== '') throw new Unexpected('unexpected text after the end')
  }

  #value(path: readonly string[]) {
    const next = this.#peek()
    this.offsets.set(path.join('.'), this.at)
    if (path.length > MAX_DEPTH) throw new Unexpected('it is nested too deeply')
    if (next === '{') this.#members('}', () => this.#member(path))
    else if (next === '[') this.#members(']', (nth) => this.#value([...path, String(nth)]))
    else if (this.#take(STRING) === '' && this.#take(OTHER) === '')
      throw new Unexpected('a value is expected')
  }

  #members(close: string, member: (nth: number) => void) {
    this.at++
    for (let nth = 0; this.#peek() !== close || nth > 0; nth++) {
      member(nth)
      if (this.#peek() === close) break
      if (this.#peek() !== ',') throw new Unexpected(`a comma or ${close} is expected`)
      this.at++
    }
    this.at++
  }

  #member(path: readonly string[]) {
    this.#peek()
    const name = this.#take(STRING)
    if (name === '') throw new Unexpected('a name in quotation marks is expected')
    if (this.#peek() !== ':') throw new Unexpected('a colon is expected')
    this.at++
    this.#value([...path, JSON.parse(name) as string])
  }

  /** Skips whitespace. Returns the next character; empty at the end. */
  #peek(): string {
    this.#take(SPACE)
    return this.#text.charAt(this.at)
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.at
    const [found = ''] = pattern.exec(this.#text) ?? []
    this.at += found.length
    return found
  }
}

/** Parses JSON. Returns the value and the line of each path (`tools.0.name`), or the first fault. */
export function readJson(text: string): ReadJson {
  const scanner = new Scanner(text)
  const lineAt = (at: number) => text.slice(0, at).split('\n').length
  try {
    scanner.scan()
    const lineOf = (path: string) => {
      const at = scanner.offsets.get(path)
      return at === undefined ? null : lineAt(at)
    }
    return { value: JSON.parse(text) as unknown, fault: null, lineOf }
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error
    const column = scanner.at - text.lastIndexOf('\n', scanner.at - 1)
    const message =
      scanner.at >= text.length ? `it ends too early: ${error.message}` : error.message
    return { value: null, fault: { message, line: lineAt(scanner.at), column } }
  }
}

export const describeFault = ({ message, line, column }: JsonFault) =>
  `Line ${line}, column ${column}: ${message}.`
