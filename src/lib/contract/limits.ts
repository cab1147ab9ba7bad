import type { NoticeCode } from './notices.ts'
import type { Output, Receipt } from './runs.ts'

/** Ollama may report up to two tokens fewer than the limit that it reached; 0.12 counts one more than it sends. */
const SLACK_TOKENS = 2

export type Truncation = Extract<
  NoticeCode,
  'prompt_truncated' | 'thinking_used_budget' | 'token_limit' | 'context_full' | 'cut_at_length'
>

type Figures = Pick<
  Receipt,
  'doneReason' | 'contextLength' | 'truncated' | 'tokens' | 'optionsSent'
>

/** What was truncated in a run that is done, and by which limit. The Worker and the page must agree on it. */
export function truncationsOf(receipt: Figures, output: Output): Truncation[] {
  const prompt: Truncation[] = receipt.truncated === true ? ['prompt_truncated'] : []
  return receipt.doneReason === 'length' ? [...prompt, limitOf(receipt, output)] : prompt
}

function limitOf({ optionsSent, tokens, contextLength }: Figures, output: Output): Truncation {
  if (isThinkingOnly(output)) return 'thinking_used_budget'
  const tokenLimit = Number(optionsSent.num_predict ?? 0)
  if (tokenLimit > 0 && reaches(tokens.generated, tokenLimit)) return 'token_limit'
  // An unknown count leaves a lower bound: if that fills the context, the sum does too.
  const used = (tokens.prompt ?? 0) + (tokens.generated ?? 0)
  return contextLength !== null && reaches(used, contextLength) ? 'context_full' : 'cut_at_length'
}

const reaches = (tokens: number | null, limit: number) =>
  tokens !== null && tokens >= limit - SLACK_TOKENS

export const isThinkingOnly = ({ text, thinking, toolCalls }: Output) =>
  thinking !== '' && text === '' && toolCalls.length === 0
