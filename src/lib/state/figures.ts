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
}

export const figuresOf = ({ ms, rate, tokens, cold, doneReason }: Receipt): Figures => ({
  firstMs: ms.first,
  totalMs: ms.total ?? 0,
  rate: rate.answer,
  promptTokens: tokens.prompt,
  answerTokens: tokens.generated,
  wasCold: cold,
  doneReason,
})
