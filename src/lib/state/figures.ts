import type { Receipt } from '../contract/runs.ts'

/** What the page shows of a finished run. What could not be known is `null`, never 0. Times in ms, counts in tokens. */
export interface Figures {
  firstMs: number | null
  totalMs: number
  rate: number | null
  promptTokens: number | null
  answerTokens: number | null
  wasCold: boolean | null
  doneReason: string | null
  /** The context that was really allocated, and the most tokens that it was to write. */
  contextLength: number | null
  tokenLimit: number | null
  /** Whether the home left out a part of the prompt. */
  truncated: boolean | null
}

export const figuresOf = ({
  ms,
  rate,
  tokens,
  cold,
  doneReason,
  contextLength,
  truncated,
  optionsSent,
}: Receipt): Figures => ({
  firstMs: ms.first,
  totalMs: ms.total ?? 0,
  rate: rate.answer,
  promptTokens: tokens.prompt,
  answerTokens: tokens.generated,
  wasCold: cold,
  doneReason,
  contextLength,
  tokenLimit: typeof optionsSent.num_predict === 'number' ? optionsSent.num_predict : null,
  truncated,
})
