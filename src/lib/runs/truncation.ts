import { isThinkingOnly, truncationsOf, type Truncation } from '../contract/limits.ts'
import type { Output, Receipt } from '../contract/runs.ts'

interface Explanation {
  /** What happened. */
  title: string
  /** What to do about it. */
  advice: string
}

/** What the page says besides the server: neither is certain to be a fault. */
type Suspicion = 'thought_without_answer' | 'empty' | 'prompt_maybe_truncated'

export type ExplanationName = Truncation | Suspicion

/** Explains answers that look complete and are not. */
export const EXPLANATIONS = {
  token_limit: {
    title: 'Cut off by the token limit',
    advice:
      'The answer has as many tokens as num_predict allows. Raise it under Options, or clear it.',
  },
  context_full: {
    title: 'Cut off: the context is full',
    advice:
      'Prompt and answer together fill the context. Raise num_ctx under Options (it takes more memory and reloads the model), or send less.',
  },
  cut_at_length: {
    title: 'Cut off by a limit',
    advice:
      'Ollama reports that a length limit was reached, but not which: the model’s own num_predict, or the context. Raise num_predict first, then num_ctx.',
  },
  thinking_used_budget: {
    title: 'Thinking used all the tokens',
    advice:
      'Thinking counts towards the limit, and left no tokens for an answer. Raise the limit, or let the model think less or not at all.',
  },
  thought_without_answer: {
    title: 'The model thought, but gave no answer',
    advice: 'The model ended by itself after thinking. Run it again, or turn thinking off.',
  },
  empty: {
    title: 'The answer is empty',
    advice:
      'The model ended without any text. Causes are a stop word that comes first, num_predict 1, or a prompt that looks complete to the model.',
  },
  prompt_truncated: {
    title: 'The prompt was cut to fit',
    advice:
      'Ollama left out a part of it, so the answer may miss something you wrote. Raise num_ctx, send less, or turn on Strict to have such prompts refused instead.',
  },
  prompt_maybe_truncated: {
    title: 'Older messages may have been left out',
    advice:
      'When a conversation does not fit, Ollama drops its oldest messages without reporting it. Turn on Strict to find out.',
  },
} as const satisfies Record<ExplanationName, Explanation>

/** What to explain about a run that is done. `messages`: how many were sent; a prompt alone is one. */
export const explanationsOf = (
  receipt: Receipt,
  output: Output,
  messages: number,
): ExplanationName[] => [
  ...truncationsOf(receipt, output),
  ...suspicionsOf(receipt, output, messages),
]

function suspicionsOf(receipt: Receipt, output: Output, messages: number): Suspicion[] {
  const suspicions = {
    thought_without_answer: isThinkingOnly(output) && receipt.doneReason !== 'length',
    empty: output.text === '' && output.thinking === '' && output.toolCalls.length === 0,
    prompt_maybe_truncated: mayHaveLostMessages(receipt, messages),
  } satisfies Record<Suspicion, boolean>
  return (Object.keys(suspicions) as Suspicion[]).filter((name) => suspicions[name])
}

/** A conversation that fills half the context or more may have lost its oldest messages. */
const mayHaveLostMessages = ({ truncated, tokens, contextLength }: Receipt, messages: number) =>
  truncated === null &&
  messages > 1 &&
  tokens.prompt !== null &&
  contextLength !== null &&
  tokens.prompt >= contextLength / 2
