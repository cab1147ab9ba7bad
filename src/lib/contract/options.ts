/** One of Ollama's options, in Ollama's spelling. */
interface Option {
  kind: 'integer' | 'number' | 'boolean' | 'words'
  meaning: string
  /** Ollama's default, as a person reads it. The model's own file may set another. */
  initial: string
}

export const OPTIONS = {
  temperature: { kind: 'number', meaning: 'Higher values give freer answers.', initial: '0.8' },
  num_ctx: {
    kind: 'integer',
    meaning: 'Context size in tokens. A change reloads the model.',
    initial: '4096, more on a large GPU',
  },
  num_predict: {
    kind: 'integer',
    meaning: 'Maximum number of tokens to write.',
    initial: 'no limit',
  },
  seed: { kind: 'integer', meaning: 'The same seed gives the same start.', initial: 'random' },
  top_p: {
    kind: 'number',
    meaning: 'Share of the likeliest words to choose from.',
    initial: '0.9',
  },
  top_k: { kind: 'integer', meaning: 'Number of words to choose from.', initial: '40' },
  min_p: {
    kind: 'number',
    meaning: 'Minimum likelihood, relative to the likeliest word.',
    initial: '0',
  },
  typical_p: {
    kind: 'number',
    meaning: 'Below 1 it prefers typical words over likely ones.',
    initial: '1',
  },
  repeat_penalty: { kind: 'number', meaning: 'Above 1 it repeats itself less.', initial: '1.1' },
  repeat_last_n: {
    kind: 'integer',
    meaning: 'Number of past tokens in which repeats count.',
    initial: '64',
  },
  presence_penalty: { kind: 'number', meaning: 'Above 0 it prefers new words.', initial: '0' },
  frequency_penalty: { kind: 'number', meaning: 'Above 0 it avoids frequent words.', initial: '0' },
  stop: {
    kind: 'words',
    meaning: 'Stops before these words. Write ["…"] for commas and line breaks.',
    initial: 'none',
  },
  num_keep: {
    kind: 'integer',
    meaning: 'Tokens kept when the context window slides.',
    initial: '4',
  },
  num_batch: { kind: 'integer', meaning: 'Tokens read at once.', initial: '512' },
  num_gpu: { kind: 'integer', meaning: 'Number of layers on the GPU.', initial: 'as many as fit' },
  main_gpu: { kind: 'integer', meaning: 'The GPU to use first.', initial: '0' },
  num_thread: {
    kind: 'integer',
    meaning: 'Number of processor threads.',
    initial: 'chosen by Ollama',
  },
  draft_num_predict: {
    kind: 'integer',
    meaning: 'Tokens that a small model drafts ahead.',
    initial: 'chosen by Ollama',
  },
  use_mmap: {
    kind: 'boolean',
    meaning: 'Maps the file into memory instead of reading it.',
    initial: 'chosen by Ollama',
  },
} as const satisfies Record<string, Option>

export type OptionName = keyof typeof OPTIONS
export type OptionValue = number | boolean | string[]
export type Options = Partial<Record<OptionName, OptionValue>>

/** The options that the page shows at first; the others are one tap away. */
export const COMMON_OPTIONS = [
  'temperature',
  'num_ctx',
  'seed',
  'top_p',
  'num_predict',
] as const satisfies OptionName[]

/** Reads a JSON list, for words with a comma or a line break. Any other text is one word. */
function listOf(text: string): string[] {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list.map(String) : [text]
  } catch {
    return [text]
  }
}

const READERS: Record<Option['kind'], (text: string) => OptionValue | null> = {
  integer: (text) => (/^[-−+]?\d+$/.test(text) ? Number(text.replace('−', '-')) : null),
  number: (text) =>
    /^[-−+]?(\d+([.,]\d*)?|[.,]\d+)$/.test(text)
      ? Number(text.replace('−', '-').replace(',', '.'))
      : null,
  boolean: (text) =>
    /^(true|yes|on|1)$/i.test(text) ? true : /^(false|no|off|0)$/i.test(text) ? false : null,
  words: (text) =>
    (text.startsWith('[') ? listOf(text) : text.split(',').map((word) => word.trim())).filter(
      Boolean,
    ),
}

/** Converts typed text into the value that is sent; `null` if it is not valid. */
export const readOption = (name: OptionName, text: string): OptionValue | null =>
  READERS[OPTIONS[name].kind](text.trim())

const WANTS: Record<Option['kind'], string> = {
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  words: 'words, separated by commas',
}

export const wantsOf = (name: OptionName) => WANTS[OPTIONS[name].kind]
