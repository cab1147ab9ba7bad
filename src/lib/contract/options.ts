/** Ollama's options, spelled as Ollama spells them: what kind of value, what it means, what stands there unless changed. */
interface Option {
  kind: 'integer' | 'number' | 'boolean' | 'words'
  meaning: string
  /** Ollama's default, as a person reads it. The model's own file may set another. */
  initial: string
}

export const OPTIONS = {
  temperature: { kind: 'number', meaning: 'Higher is freer.', initial: '0.8' },
  num_ctx: {
    kind: 'integer',
    meaning: 'Tokens it can see. A change loads the model anew.',
    initial: '4096, more on a large GPU',
  },
  num_predict: { kind: 'integer', meaning: 'Most tokens to write.', initial: 'no limit' },
  seed: { kind: 'integer', meaning: 'Same seed, same start.', initial: 'random' },
  top_p: { kind: 'number', meaning: 'Share of likely words.', initial: '0.9' },
  top_k: { kind: 'integer', meaning: 'How many words to choose from.', initial: '40' },
  min_p: { kind: 'number', meaning: 'Least likelihood beside the likeliest.', initial: '0' },
  typical_p: { kind: 'number', meaning: 'Prefers the typical over the likely.', initial: '1' },
  repeat_penalty: { kind: 'number', meaning: 'Above 1 it repeats itself less.', initial: '1.1' },
  repeat_last_n: { kind: 'integer', meaning: 'How far back repeats count.', initial: '64' },
  presence_penalty: { kind: 'number', meaning: 'Above 0 it prefers new words.', initial: '0' },
  frequency_penalty: { kind: 'number', meaning: 'Above 0 it avoids frequent words.', initial: '0' },
  stop: {
    kind: 'words',
    meaning: 'Stops before these. ["…"] takes commas and line ends.',
    initial: 'none',
  },
  num_keep: { kind: 'integer', meaning: 'Tokens kept when the window slides.', initial: '4' },
  num_batch: { kind: 'integer', meaning: 'Tokens read at once.', initial: '512' },
  num_gpu: { kind: 'integer', meaning: 'Layers on the GPU.', initial: 'as many as fit' },
  main_gpu: { kind: 'integer', meaning: 'Which GPU comes first.', initial: '0' },
  num_thread: {
    kind: 'integer',
    meaning: 'Threads of the processor.',
    initial: 'as Ollama sees fit',
  },
  draft_num_predict: {
    kind: 'integer',
    meaning: 'Tokens a small model drafts ahead.',
    initial: 'as Ollama sees fit',
  },
  use_mmap: {
    kind: 'boolean',
    meaning: 'Maps the file instead of reading it.',
    initial: 'as Ollama sees fit',
  },
} as const satisfies Record<string, Option>

export type OptionName = keyof typeof OPTIONS
export type OptionValue = number | boolean | string[]
export type Options = Partial<Record<OptionName, OptionValue>>

/** The few that the page shows at first; the rest stays one tap away. */
export const COMMON_OPTIONS = [
  'temperature',
  'num_ctx',
  'seed',
  'top_p',
  'num_predict',
] as const satisfies OptionName[]

/** Words as JSON writes them, for those that hold a comma or a line end; what is no such list is one word. */
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

/** What a person typed, as the value that is sent; `null` when it cannot be one. */
export const readOption = (name: OptionName, text: string): OptionValue | null =>
  READERS[OPTIONS[name].kind](text.trim())

const WANTS: Record<Option['kind'], string> = {
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  words: 'words, separated by commas',
}

export const wantsOf = (name: OptionName) => WANTS[OPTIONS[name].kind]
