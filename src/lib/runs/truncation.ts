import type { Output, Receipt } from '../contract/runs.ts'

/** What is known of an answer that has ended by itself. */
export interface Ended {
  receipt: Pick<Receipt, 'doneReason' | 'contextLength' | 'truncated' | 'tokens' | 'optionsSent'>
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

const isCut = ({ receipt }: Ended) => receipt.doneReason === 'length'

function metTokenLimit({ receipt: { optionsSent, tokens } }: Ended): boolean {
  const most = Number(optionsSent.num_predict ?? 0)
  return most > 0 && tokens.generated !== null && tokens.generated >= most - SLACK
}

function metContext({ receipt: { tokens, contextLength } }: Ended): boolean {
  if (tokens.prompt === null || tokens.generated === null || contextLength === null) return false
  return tokens.prompt + tokens.generated >= contextLength - SLACK
}

/** Older messages are dropped without a word; a prompt that fills half the context or more may have lost some. */
const mayHaveLost = ({ receipt: { truncated, tokens, contextLength }, messages }: Ended) =>
  truncated === null &&
  messages > 1 &&
  tokens.prompt !== null &&
  contextLength !== null &&
  tokens.prompt >= contextLength / 2

const isThoughtOnly = ({ hasText, hasThinking, hasToolCalls }: Ended) =>
  hasThinking && !hasText && !hasToolCalls

/** Where an answer met a limit, and what to do: what a person would otherwise take for the whole answer. */
export const LIMITS = {
  token_limit: {
    isReached: (ended) => isCut(ended) && metTokenLimit(ended),
    title: 'Cut off by the token limit',
    advice:
      'It wrote as many tokens as num_predict allows. Raise num_predict under Options, or clear it.',
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
    isReached: ({ hasText, hasThinking, hasToolCalls }) =>
      !hasText && !hasThinking && !hasToolCalls,
    title: 'The answer is empty',
    advice:
      'The model ended without a word. A stop word that comes first, or num_predict 1, does that; so does a prompt that the model takes for finished.',
  },
  prompt_cut: {
    isReached: ({ receipt }) => receipt.truncated === true,
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

/** Of a run that is over. */
export const limitsMet = (
  receipt: Receipt,
  { text, thinking, toolCalls }: Output,
  messages: number,
): LimitName[] =>
  limitsOf({
    receipt,
    messages,
    hasText: text !== '',
    hasThinking: thinking !== '',
    hasToolCalls: toolCalls.length > 0,
  })
