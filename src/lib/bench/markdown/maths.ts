import type { TokenizerAndRendererExtension, Tokens } from 'marked'

export interface Maths extends Tokens.Generic {
  type: 'maths'
  tex: string
  isBlock: boolean
}

/** A formula longer than this is none. Characters. */
const LONGEST = 2000

interface Fence {
  open: string
  close: string
  isBlock: boolean
}

/** The longer sign first: `$$` is not two `$`. */
const FENCES = [
  { open: '$$', close: '$$', isBlock: true },
  { open: '\\[', close: '\\]', isBlock: true },
  { open: '\\(', close: '\\)', isBlock: false },
  { open: '$', close: '$', isBlock: false },
] as const satisfies readonly Fence[]

/** The formula that begins this text, if one does. */
export function mathsAt(text: string): Maths | null {
  const fence = FENCES.find(({ open }) => text.startsWith(open))
  if (!fence) return null
  const { open, close, isBlock } = fence
  const end = closing(text, open.length, close)
  if (end < 0) return null
  const tex = text.slice(open.length, end)
  if (tex.trim() === '' || (open === '$' && !isFormula(tex, text.charAt(end + 1)))) return null
  return { type: 'maths', raw: text.slice(0, end + close.length), tex: tex.trim(), isBlock }
}

/** A paragraph’s end is the end of a formula that nobody closed; a sign with a backslash before it closes nothing. */
function closing(text: string, from: number, close: string): number {
  const within = text.slice(0, from + LONGEST).split(/\n[ \t]*\n/)[0] ?? ''
  let at = within.indexOf(close, from)
  while (close.startsWith('$') && at > 0 && within.charAt(at - 1) === '\\')
    at = within.indexOf(close, at + 1)
  return at
}

/** Prices, shell variables and single signs stand between dollar signs, too: a formula hugs its signs, and reads like one. */
function isFormula(tex: string, next: string): boolean {
  if (/^\s|\s$|\n/.test(tex) || /[\p{L}\d]/u.test(next)) return false
  return (
    /[\\^_={}<>+*/|]/.test(tex) ||
    /^[\p{L}\d]{1,3}$/u.test(tex) ||
    /^[\p{L}]\([\p{L}\d, ]*\)$/u.test(tex)
  )
}

function indexOf(text: string, pattern: RegExp): number | undefined {
  const at = text.search(pattern)
  return at < 0 ? undefined : at
}

/** What stands alone is a block; inside a line it stays in the line. */
export const mathsExtensions: TokenizerAndRendererExtension[] = [
  {
    name: 'mathsBlock',
    level: 'block',
    start: (text) => indexOf(text, /\n {0,3}(?:\$\$|\\\[)/),
    tokenizer(text) {
      const [indent = ''] = /^ {0,3}/.exec(text) ?? []
      const found = mathsAt(text.slice(indent.length))
      if (!found?.isBlock) return undefined
      const rest = /^[ \t]*(?:\n|$)/.exec(text.slice(indent.length + found.raw.length))
      return rest ? { ...found, raw: indent + found.raw + rest[0] } : undefined
    },
  },
  {
    name: 'mathsInline',
    level: 'inline',
    start: (text) => indexOf(text, /\$|\\[[(]/),
    tokenizer: (text) => mathsAt(text) ?? undefined,
  },
]
