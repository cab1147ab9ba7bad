import { isTooDeep } from '../../contract/depth.ts'
import { Lexer, Marked, type Token, type TokensList } from 'marked'
import { cutOf } from './cuts.ts'
import { mathsExtensions } from './maths.ts'

/** A block of the answer, or a piece of a long one. A token that stays the same object has the same text. */
export interface Part {
  offset: number
  token: Token
  /** More text may still change it. */
  isOpen: boolean
  /** Set for a piece that continues the block before it: the text that was prepended to read it. */
  prefix: string | null
}

/** Usually one part. */
export type Block = readonly [Part, ...Part[]]

/** Blocks that are rendered together. A full chapter stays the same object. */
export type Chapter = readonly [Block, ...Block[]]

const CHAPTER_LENGTH = 24

/** These parts at the end may still change: a line of dashes turns the line before it into a heading. */
const OPEN_PARTS = 2

/** Text that arrives at once is read in pieces, so that long blocks are cut early. */
const BITE_CHARACTERS = 4000

const { defaults } = new Marked({ extensions: mathsExtensions })

/** About forty levels of quotes and lists. Deeper nesting would exhaust the page's stack. */
const MAX_LEVELS = 100

const asWritten = (raw: string): Token => ({
  type: 'html',
  raw,
  text: raw,
  block: true,
  pre: false,
})

function lex(text: string, links: TokensList['links']): Token[] {
  const lexer = new Lexer(defaults)
  lexer.tokens.links = links
  try {
    return lexer
      .lex(text)
      .map((token) => (isTooDeep(token, MAX_LEVELS) ? asWritten(token.raw) : token))
  } catch {
    // Even the lexer ran out of stack.
    return [asWritten(text)]
  }
}

/** Reads a growing answer. Finished parts are read once; only the end is read again. */
export class MarkdownReader {
  /** Counts repeated reads too. */
  readCharacters = 0
  #text = ''
  #finished: Chapter[] = []
  /** The settled parts of the last chapter. */
  #settled: Part[] = []
  #settledTo = 0
  /** Set if the settled text ends inside a block. */
  #prefix: string | null = null
  #links: TokensList['links'] = {}
  #hasLateLinks = false

  /** With `isWhole` no more text follows, so link addresses at the end apply to the beginning as well. */
  read(written: string, isWhole = false): Chapter[] {
    // The lexer normalizes line ends, and offsets must match its text.
    const text = written.includes('\r') ? written.replace(/\r\n?/g, '\n') : written
    if (!text.startsWith(this.#text)) this.#reset()
    for (let to = this.#text.length + BITE_CHARACTERS; to < text.length; to += BITE_CHARACTERS)
      this.#step(text.slice(0, to))
    const open = this.#step(text, isWhole)
    if (isWhole && this.#hasLateLinks) this.#rereadLinks()
    return [...this.#finished, ...chaptersOf([...this.#settled, ...open])]
  }

  #step(text: string, isWhole = false): Part[] {
    this.#text = text
    const known = Object.keys(this.#links).length
    const parts = [...this.#partsOf(text.slice(this.#settledTo), this.#settledTo, this.#prefix)]
    if (this.#settledTo > 0 && Object.keys(this.#links).length > known) this.#hasLateLinks = true
    const done = isWhole ? parts.length : Math.max(0, parts.length - OPEN_PARTS)
    if (done === 0) return parts
    const open = parts.slice(done)
    this.#settledTo = open[0]?.offset ?? text.length
    this.#prefix = open[0]?.prefix ?? null
    this.#settle(parts.slice(0, done))
    return open
  }

  /** One part per block; several for a long one. */
  *#partsOf(rest: string, offset: number, prefix: string | null): Generator<Part> {
    for (const token of this.#lex((prefix ?? '') + rest)) {
      const cut = cutOf(token)
      const length = (cut?.at ?? token.raw.length) - (prefix?.length ?? 0)
      const [first = token] = cut ? this.#lex(token.raw.slice(0, cut.at)) : []
      if (token.type !== 'space' && token.type !== 'def')
        yield { offset, token: first, isOpen: true, prefix }
      offset += length
      rest = rest.slice(length)
      prefix = cut?.prefix ?? null
      if (!cut) continue
      yield* this.#partsOf(rest, offset, prefix)
      return
    }
  }

  #lex(text: string): Token[] {
    this.readCharacters += text.length
    return lex(text, this.#links)
  }

  /** Settled parts keep their offset, which is their key in the page. */
  #settle(parts: readonly Part[]) {
    const chapters = chaptersOf([
      ...this.#settled,
      ...parts.map((part) => ({ ...part, isOpen: false })),
    ])
    this.#settled = chapters.pop()?.flat() ?? []
    this.#finished.push(...chapters)
  }

  /** An address at the end turns earlier text into links. */
  #rereadLinks() {
    const parts = [...this.#finished.flat(2), ...this.#settled]
    this.#hasLateLinks = false
    this.#finished = []
    this.#settled = []
    this.#settle(parts.map((part) => (hasBrackets(part) ? this.#reread(part) : part)))
  }

  #reread(part: Part): Part {
    const [token = part.token] = this.#lex(part.token.raw)
    return { ...part, token }
  }

  #reset() {
    this.#text = ''
    this.#finished = []
    this.#settled = []
    this.#settledTo = 0
    this.#prefix = null
    this.#links = {}
    this.#hasLateLinks = false
  }
}

const hasBrackets = ({ token: { type, raw } }: Part) => type !== 'code' && raw.includes('[')

function chaptersOf(parts: readonly Part[]): Chapter[] {
  const chapters: [Block, ...Block[]][] = []
  for (const block of blocksOf(parts)) {
    const last = chapters.at(-1)
    if (last && last.length < CHAPTER_LENGTH) last.push(block)
    else chapters.push([block])
  }
  return chapters
}

function blocksOf(parts: readonly Part[]): Block[] {
  const blocks: [Part, ...Part[]][] = []
  for (const part of parts) {
    const last = blocks.at(-1)
    if (last && part.prefix !== null) last.push(part)
    else blocks.push([part])
  }
  return blocks
}
