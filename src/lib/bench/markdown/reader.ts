import { isTooDeep } from '../../contract/depth.ts'
import { Lexer, Marked, type Token, type TokensList } from 'marked'
import { cutOf } from './cuts.ts'
import { mathsExtensions } from './maths.ts'

/** A block of the answer, or a piece of a long one, by where it begins. While its token is the same object, so is its text. */
export interface Part {
  offset: number
  token: Token
  /** It may still grow, or become something else. */
  isOpen: boolean
  /** It is more of the block before it, and is read as such after these words. `null`: it begins one. */
  prefix: string | null
}

/** Mostly one part. */
export type Block = readonly [Part, ...Part[]]

/** Blocks that are shown together. One that is full stays the same object. */
export type Chapter = readonly [Block, ...Block[]]

const CHAPTER_LENGTH = 24

/** So many parts at the end may still become something else: a line of dashes makes a heading of the line before it. */
const OPEN_PARTS = 2

/** What came at once is read in bites, so that a long block is cut before it is long. Characters. */
const BITE = 4000

const { defaults } = new Marked({ extensions: mathsExtensions })

/** Lists and objects of tokens inside each other: some forty levels of quotes and lists. A page that followed further would fall over. */
const MOST_LEVELS = 100

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
      .map((token) => (isTooDeep(token, MOST_LEVELS) ? asWritten(token.raw) : token))
  } catch {
    // It nests so deeply that reading it alone exhausts the stack.
    return [asWritten(text)]
  }
}

/** Reads an answer that grows: what is finished is read once, and only its end is read again. */
export class MarkdownReader {
  /** Characters that were read, all in all. */
  readCharacters = 0
  #text = ''
  #finished: Chapter[] = []
  /** Of the last chapter, what is settled. */
  #settled: Part[] = []
  #settledTo = 0
  /** Where the settled text ends within a block: the prefix of the rest. */
  #prefix: string | null = null
  #links: TokensList['links'] = {}
  #hasLateLinks = false

  /** The answer so far. `isWhole`: nothing follows, so what was written at its end counts for its beginning. */
  read(written: string, isWhole = false): Chapter[] {
    // The lexer knows one kind of line end, and offsets are to be the same here and there.
    const text = written.includes('\r') ? written.replace(/\r\n?/g, '\n') : written
    if (!text.startsWith(this.#text)) this.#forget()
    for (let to = this.#text.length + BITE; to < text.length; to += BITE)
      this.#step(text.slice(0, to))
    const open = this.#step(text, isWhole)
    if (isWhole && this.#hasLateLinks) this.#linkAgain()
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

  /** A block as a part; a long one as several. */
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
      if (cut) return yield* this.#partsOf(rest, offset, prefix)
    }
  }

  #lex(text: string): Token[] {
    this.readCharacters += text.length
    return lex(text, this.#links)
  }

  /** What is settled keeps its place: what shows it finds it by that. */
  #settle(parts: readonly Part[]) {
    const chapters = chaptersOf([
      ...this.#settled,
      ...parts.map((part) => ({ ...part, isOpen: false })),
    ])
    this.#settled = chapters.pop()?.flat() ?? []
    this.#finished.push(...chapters)
  }

  /** An address that came late makes links of what was settled before. */
  #linkAgain() {
    const parts = [...this.#finished.flat(2), ...this.#settled]
    this.#hasLateLinks = false
    this.#finished = []
    this.#settled = []
    this.#settle(parts.map((part) => (hasBrackets(part) ? this.#readAgain(part) : part)))
  }

  #readAgain(part: Part): Part {
    const [token = part.token] = this.#lex(part.token.raw)
    return { ...part, token }
  }

  #forget() {
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
