import type { Token, Tokens } from 'marked'

/** Where a block that has grown long is cut in two, so that only its end is read and laid out again. */
export interface Cut {
  /** In the token's raw text. */
  at: number
  /** What has to stand before the rest, so that it is read as more of the same. */
  prefix: string
}

/** A block may grow this long before it is cut. Characters. */
const LONG = 3000

const NO_CUT = null

/** The first cut of this block, if it is too long. More text never moves it, so it is the same however the text arrives. */
export function cutOf(token: Token): Cut | null {
  if (token.raw.length <= LONG) return NO_CUT
  return (CUTS[token.type] ?? NO_CUT)?.(token) ?? NO_CUT
}

const CUTS: Readonly<Record<string, (token: Token) => Cut | null>> = {
  code: cutCode,
  table: ({ raw }) => between(raw, head(raw, 2), /\n(?=.)/g),
  list: cutList,
  blockquote: ({ raw }) => between(raw, '', /\n(?= {0,3}>)/g),
  html: ({ raw }) => between(raw, '', /\n(?=.)/g),
  paragraph: cutWords,
  text: cutWords,
}

/** Its first lines. */
const head = (raw: string, lines: number) => raw.split('\n', lines).join('\n') + '\n'

/** After the first `edge` that comes when it is long. */
function between(raw: string, prefix: string, edge: RegExp): Cut | null {
  edge.lastIndex = prefix.length + LONG
  return edge.exec(raw) ? { at: edge.lastIndex, prefix } : NO_CUT
}

/** Between two lines that hold something: an empty one at the edge could not be seen. */
function cutCode({ raw }: Token): Cut | null {
  const isFenced = /^ {0,3}(`{3,}|~{3,})/.test(raw)
  return between(raw, isFenced ? head(raw, 1) : '', /(?<=[^\n])\n(?=[^\n])/g)
}

/** Before an item, since what belongs to one is told by its indentation. */
function cutList(token: Token): Cut | null {
  const { items } = token as Tokens.List
  let at = 0
  for (const { raw } of items.slice(0, -1)) {
    at += raw.length
    if (at > LONG) return { at, prefix: '' }
  }
  return NO_CUT
}

/** Before a word, or a number that counts no list: they begin no other block. A text without any is cut as it comes. */
function cutWords({ raw }: Token): Cut | null {
  const cut = between(raw, '', /\s(?=\p{L}|\d+[^\d.)])|[。！？](?=\p{L})/gu)
  if (cut && cut.at <= 2 * LONG) return cut
  const isPair = (raw.codePointAt(2 * LONG - 1) ?? 0) > 0xffff
  return raw.length > 2 * LONG ? { at: 2 * LONG + (isPair ? 1 : 0), prefix: '' } : NO_CUT
}
