import type { TokenizerAndRendererExtension, Tokens } from 'marked'

export interface Maths extends Tokens.Generic {
  type: 'maths'
  tex: string
  isBlock: boolean
}

/** Longer texts are not read as a formula. */
const MAX_CHARACTERS = 2000

interface Fence {
  open: string
  close: string
  isBlock: boolean
}

/** The longer fence first: `$$` is not two `$`. */
const FENCES = [
  { open: '$$', close: '$$', isBlock: true },
  { open: '\\[', close: '\\]', isBlock: true },
  { open: '\\(', close: '\\)', isBlock: false },
  { open: '$', close: '$', isBlock: false },
] as const satisfies readonly Fence[]

/** Reads the formula at the beginning of a text. */
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

/** A formula ends at the latest with its paragraph. An escaped fence does not close it. */
function closing(text: string, from: number, close: string): number {
  const within = text.slice(0, from + MAX_CHARACTERS).split(/\n[ \t]*\n/)[0] ?? ''
  let at = within.indexOf(close, from)
  while (close.startsWith('$') && at > 0 && within.charAt(at - 1) === '\\')
    at = within.indexOf(close, at + 1)
  return at
}

/** Prices and shell variables also have dollar signs. In a formula no space follows the fence, and the text looks like maths. */
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

/** A formula on its own line is a block. */
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
