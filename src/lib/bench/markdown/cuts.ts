import type { Token, Tokens } from 'marked'

/** Where a long block is cut in two, so that only its end is read and laid out again. */
export interface Cut {
  /** The offset in the token's raw text. */
  at: number
  /** Prepended to the rest, so that it is read as the same kind of block. */
  prefix: string
}

const LONG_CHARACTERS = 3000

const NO_CUT = null

/** More text never moves the first cut, so it is the same however the text arrives. */
export function cutOf(token: Token): Cut | null {
  if (token.raw.length <= LONG_CHARACTERS) return NO_CUT
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

const head = (raw: string, lines: number) => raw.split('\n', lines).join('\n') + '\n'

/** Cuts after the first `edge` beyond the length limit. */
function between(raw: string, prefix: string, edge: RegExp): Cut | null {
  edge.lastIndex = prefix.length + LONG_CHARACTERS
  return edge.exec(raw) ? { at: edge.lastIndex, prefix } : NO_CUT
}

/** Cuts between two lines that are not empty: an empty line at the edge would be lost. */
function cutCode({ raw }: Token): Cut | null {
  const isFenced = /^ {0,3}(`{3,}|~{3,})/.test(raw)
  return between(raw, isFenced ? head(raw, 1) : '', /(?<=[^\n])\n(?=[^\n])/g)
}

/** Cuts before an item, because indentation decides what belongs to it. */
function cutList(token: Token): Cut | null {
  const { items } = token as Tokens.List
  let at = 0
  for (const { raw } of items.slice(0, -1)) {
    at += raw.length
    if (at > LONG_CHARACTERS) return { at, prefix: '' }
  }
  return NO_CUT
}

/** Cuts before a word, or a number that starts no list, because these begin no other block. */
function cutWords({ raw }: Token): Cut | null {
  const cut = between(raw, '', /\s(?=\p{L}|\d+[^\d.)])|[。！？](?=\p{L})/gu)
  if (cut && cut.at <= 2 * LONG_CHARACTERS) return cut
  const isPair = (raw.codePointAt(2 * LONG_CHARACTERS - 1) ?? 0) > 0xffff
  return raw.length > 2 * LONG_CHARACTERS
    ? { at: 2 * LONG_CHARACTERS + (isPair ? 1 : 0), prefix: '' }
    : NO_CUT
}
