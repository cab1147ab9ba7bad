import { isTooDeep } from '../../contract/depth.ts'
import { Lexer, Marked, type Token, type TokensList } from 'marked'
import { mathsExtensions } from './maths.ts'

/** A piece of the answer that stands for itself, by where it begins. While its token is the same object, so is its text. */
export interface Block {
  offset: number
  token: Token
  /** It may still grow, or become something else. */
  isOpen: boolean
}

/** Blocks that are shown together. A full one stays the same object once nothing in it is open. */
export type Chapter = readonly Block[]

const CHAPTER_LENGTH = 24

/** The blocks in chapters, with those of before where they are still the same: a page that follows looks at few. */
export function chaptersOf(blocks: readonly Block[], before: readonly Chapter[]): Chapter[] {
  return Array.from({ length: Math.ceil(blocks.length / CHAPTER_LENGTH) }, (_, nth) => {
    const end = (nth + 1) * CHAPTER_LENGTH
    const old = before[nth]
    const isSame =
      old?.length === CHAPTER_LENGTH && old[0] === blocks[end - CHAPTER_LENGTH] && old.at(-1) === blocks[end - 1]
    return isSame ? old : blocks.slice(end - CHAPTER_LENGTH, end)
  })
}

/** So many blocks at the end may still become something else: a line of dashes makes a heading of the line before it. */
const OPEN_BLOCKS = 2

const { defaults } = new Marked({ extensions: mathsExtensions })

/** Lists and objects of tokens inside each other: some forty levels of quotes and lists. A page that followed further would fall over. */
const MOST_LEVELS = 100

const asWritten = (raw: string): Token => ({ type: 'html', raw, text: raw, block: true, pre: false })

function lex(text: string, links: TokensList['links']): Token[] {
  const lexer = new Lexer(defaults)
  lexer.tokens.links = links
  try {
    return lexer.lex(text).map((token) => (isTooDeep(token, MOST_LEVELS) ? asWritten(token.raw) : token))
  } catch {
    // It nests so deeply that reading it alone exhausts the stack.
    return [asWritten(text)]
  }
}

/** Reads an answer that grows: what is finished is read once, and only its end is read again. */
export class MarkdownReader {
  /** Characters that were read, all in all. */
  readCharacters = 0
  #settled: Block[] = []
  #settledTo = 0
  #text = ''
  #links: TokensList['links'] = {}
  #hasLateLinks = false

  /** The blocks of the answer so far. `isWhole`: nothing follows, so what was written at its end counts for its beginning. */
  read(written: string, isWhole = false): Block[] {
    // The lexer knows one kind of line end, and offsets are to be the same here and there.
    const text = written.replace(/\r\n?/g, '\n')
    if (!text.startsWith(this.#text)) this.#forget()
    if (isWhole && this.#hasLateLinks) this.#forget()
    this.#text = text
    const open = this.#blocksOf(text.slice(this.#settledTo), this.#settledTo)
    const done = isWhole ? open.length : Math.max(0, open.length - OPEN_BLOCKS)
    // Settled blocks keep their place: what shows them finds them by it.
    this.#settle(open.slice(0, done), open[done]?.offset)
    return [...this.#settled, ...open.slice(done)]
  }

  #blocksOf(text: string, from: number): Block[] {
    this.readCharacters += text.length
    const blocks: Block[] = []
    const known = Object.keys(this.#links).length
    let offset = from
    for (const token of lex(text, this.#links)) {
      if (token.type !== 'space' && token.type !== 'def') blocks.push({ offset, token, isOpen: true })
      offset += token.raw.length
    }
    if (from > 0 && Object.keys(this.#links).length > known) this.#hasLateLinks = true
    return blocks
  }

  #settle(blocks: readonly Block[], next: number | undefined) {
    this.#settled.push(...blocks.map((block) => ({ ...block, isOpen: false })))
    if (next !== undefined) this.#settledTo = next
    else if (blocks.length > 0) this.#settledTo = this.#text.length
  }

  #forget() {
    this.#settled = []
    this.#settledTo = 0
    this.#hasLateLinks = false
  }
}
