import type { Figures } from './figures.ts'

/** What is known of an answer that has ended by itself. */
export interface Ended {
  figures: Figures
  hasText: boolean
  hasThinking: boolean
  hasToolCalls: boolean
  /** How many messages were sent; a prompt alone is one. */
  messages: number
}

interface Limit {
  isReached: (ended: Ended) => boolean
  /** What happened. */
  title: string
  /** What to do about it. */
  advice: string
}

/** Ollama 0.12 counts one token more than it shows. */
const SLACK = 2

const isCut = ({ figures }: Ended) => figures.doneReason === 'length'

function metTokenLimit({ figures: { tokenLimit, answerTokens } }: Ended): boolean {
  return tokenLimit !== null && tokenLimit > 0 && answerTokens !== null && answerTokens >= tokenLimit - SLACK
}

function metContext({ figures: { promptTokens, answerTokens, contextLength } }: Ended): boolean {
  if (promptTokens === null || answerTokens === null || contextLength === null) return false
  return promptTokens + answerTokens >= contextLength - SLACK
}

/** Older messages are dropped without a word; a prompt that fills half the context or more may have lost some. */
const mayHaveLost = ({ figures: { truncated, promptTokens, contextLength }, messages }: Ended) =>
  truncated === null && messages > 1 && promptTokens !== null && contextLength !== null && promptTokens >= contextLength / 2 // prettier-ignore

const isThoughtOnly = ({ hasText, hasThinking, hasToolCalls }: Ended) => hasThinking && !hasText && !hasToolCalls

/** Where an answer met a limit, and what to do: what a person would otherwise take for the whole answer. */
export const LIMITS = {
  token_limit: {
    isReached: (ended) => isCut(ended) && metTokenLimit(ended),
    title: 'Cut off by the token limit',
    advice: 'It wrote as many tokens as num_predict allows. Raise num_predict under Options, or clear it.',
  },
  context_full: {
    isReached: (ended) => isCut(ended) && !metTokenLimit(ended) && metContext(ended),
    title: 'Cut off: the context is full',
    advice:
      'Prompt and answer together fill the context. Raise num_ctx under Options (it takes more memory, and loads the model anew), or send less.',
  },
  cut: {
    isReached: (ended) => isCut(ended) && !metTokenLimit(ended) && !metContext(ended),
    title: 'Cut off by a limit',
    advice:
      'The home says that a length was reached, and not which: the model’s own num_predict, or the context. Raise num_predict first, then num_ctx.',
  },
  only_thought: {
    isReached: (ended) => isThoughtOnly(ended) && isCut(ended),
    title: 'It thought until nothing was left',
    advice:
      'Thinking counts towards the limit, and used all of it. Raise the limit, or let it think less or not at all.',
  },
  thought_without_answer: {
    isReached: (ended) => isThoughtOnly(ended) && !isCut(ended),
    title: 'It thought, and then said nothing',
    advice: 'The model ended by itself after thinking. Run it again, or turn thinking off.',
  },
  empty: {
    isReached: ({ hasText, hasThinking, hasToolCalls }) => !hasText && !hasThinking && !hasToolCalls,
    title: 'The answer is empty',
    advice:
      'The model ended without a word. A stop word that comes first, or num_predict 1, does that; so does a prompt that the model takes for finished.',
  },
  prompt_cut: {
    isReached: ({ figures }) => figures.truncated === true,
    title: 'The prompt was cut to fit',
    advice:
      'A part of it was left out before the model read it, so the answer may miss what you wrote. Raise num_ctx, send less, or turn on Strict: then it is refused instead.',
  },
  prompt_maybe_cut: {
    isReached: mayHaveLost,
    title: 'Older messages may have been left out',
    advice:
      'When a conversation does not fit, the oldest messages are dropped without a word, and the home does not say so. Turn on Strict to know.',
  },
} as const satisfies Record<string, Limit>

export type LimitName = keyof typeof LIMITS

export const limitsOf = (ended: Ended): LimitName[] =>
  (Object.keys(LIMITS) as LimitName[]).filter((name) => LIMITS[name].isReached(ended))
