import type { RunDetail } from '../../../src/lib/contract/runs.ts'

type Value = string | number | null | undefined

const COLUMNS = {
  id: ({ id }) => id,
  createdAt: ({ createdAt }) => createdAt,
  endedAt: ({ endedAt }) => endedAt,
  state: ({ state }) => state,
  lane: ({ lane }) => lane,
  model: ({ model }) => model,
  system: ({ recipe }) => recipe.system,
  prompt: ({ recipe }) => recipe.prompt ?? recipe.messages?.at(-1)?.content,
  options: ({ recipe }) => recipe.options && JSON.stringify(recipe.options),
  answer: ({ output }) => output.text,
  thinking: ({ output }) => output.thinking,
  firstTokenMs: ({ receipt }) => receipt?.ms.first,
  totalMs: ({ receipt }) => receipt?.ms.total,
  tokensPerSecond: ({ receipt }) => receipt?.rate.answer,
  promptTokens: ({ receipt }) => receipt?.tokens.prompt,
  generatedTokens: ({ receipt }) => receipt?.tokens.generated,
  doneReason: ({ receipt }) => receipt?.doneReason,
  cause: ({ failure }) => failure?.cause,
  failure: ({ failure }) => failure?.detail,
} as const satisfies Record<string, (run: RunDetail) => Value>

const LINE_END = '\r\n'
/** Excel takes a file for UTF-8 only when it begins with this. */
const BYTE_ORDER_MARK = '\ufeff'
/** What a spreadsheet takes for a formula, also behind space and in full width. */
const FORMULA = /^\s*[=+\-@|%＝＋－＠]|^[\t\r\n]/

export const CSV_HEAD = `${BYTE_ORDER_MARK}${Object.keys(COLUMNS).join(',')}${LINE_END}`

export const csvRow = (run: RunDetail): string =>
  Object.values(COLUMNS)
    .map((read) => cell(read(run)))
    .join(',') + LINE_END

/** A text that a spreadsheet would compute gets an apostrophe before it: it then shows the text. */
function cell(value: Value): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  return `"${(FORMULA.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`
}
