import type { GenerateLine } from '../contract/llm.ts'

/** What can be said of a finished run. What could not be known is `null`, never 0. Times in ms, counts in tokens. */
export interface Figures {
  firstMs: number | null
  totalMs: number
  rate: number | null
  promptTokens: number | null
  answerTokens: number | null
  wasCold: boolean | null
  doneReason: string | null
}

interface Measured {
  firstMs: number | null
  totalMs: number
  wasLoaded: boolean | null
}

/** Ollama's durations can be negative or absent (recorded with `num_predict: 1`): then the rate is not known. */
export function figuresOf(line: GenerateLine, { firstMs, totalMs, wasLoaded }: Measured): Figures {
  const { eval_count, eval_duration, prompt_eval_count, done_reason } = line
  const isSensible = eval_count !== undefined && eval_duration !== undefined && eval_count > 0 && eval_duration > 0
  return {
    firstMs,
    totalMs,
    rate: isSensible ? (eval_count / eval_duration) * 1e9 : null,
    promptTokens: prompt_eval_count ?? null,
    answerTokens: eval_count ?? null,
    wasCold: wasLoaded === null ? null : !wasLoaded,
    doneReason: done_reason ?? null,
  }
}
