/** Where a text stops being JSON, and what was expected there. Lines and columns from 1. */
export interface JsonFault {
  message: string
  line: number
  column: number
}

export type ReadJson =
  | { value: unknown; fault: null; lineOf: (path: string) => number | null }
  | { value: null; fault: JsonFault }

// eslint-disable-next-line no-control-regex -- JSON forbids them inside a text
const STRING = /"[^"\\\0-\x1f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\0-\x1f]*)*"/y
const OTHER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y
const SPACE = /[ \t\n\r]*/y
const DEEPEST = 200

class Unexpected extends Error {}

/** Walks through a text as JSON, and remembers where each value begins. Browsers do not agree on telling where it fails. */
class Walk {
  readonly places = new Map<string, number>()
  at = 0
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  whole() {
    this.#value([])
    if (this.#peek() !== '') throw new Unexpected('something follows after the end')
  }

  #value(path: readonly string[]) {
    const sign = this.#peek()
    this.places.set(path.join('.'), this.at)
    if (path.length > DEEPEST) throw new Unexpected('it is nested too deeply')
    if (sign === '{') this.#members('}', () => this.#member(path))
    else if (sign === '[') this.#members(']', (nth) => this.#value([...path, String(nth)]))
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

  /** The next sign that is no space; empty at the end. */
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

/** A JSON text as a value, with the line of each path (`tools.0.name`), or what is wrong where. */
export function readJson(text: string): ReadJson {
  const walk = new Walk(text)
  const lineAt = (at: number) => text.slice(0, at).split('\n').length
  try {
    walk.whole()
    const lineOf = (path: string) => {
      const at = walk.places.get(path)
      return at === undefined ? null : lineAt(at)
    }
    return { value: JSON.parse(text) as unknown, fault: null, lineOf }
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error
    const column = walk.at - text.lastIndexOf('\n', walk.at - 1)
    const message = walk.at >= text.length ? `it ends too early: ${error.message}` : error.message
    return { value: null, fault: { message, line: lineAt(walk.at), column } }
  }
}

export const sayFault = ({ message, line, column }: JsonFault) =>
  `Line ${line}, column ${column}: ${message}.`
