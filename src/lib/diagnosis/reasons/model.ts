import type { Reason } from './reason.ts'

const OK = { cause: 'ok', rung: 'model', fix: [] } as const
const MISSING = { cause: 'model_missing', rung: 'model' } as const
const PULL = { text: 'Pull it at home.', command: 'ollama pull {model}' } as const

/** The installed and the loaded models. */
export const MODEL_REASONS = {
  all_lit: {
    ...OK,
    summary: 'Everything answers.',
    why: 'The version and the list of models arrived as Ollama sends them.',
  },
  model_cold: {
    ...OK,
    summary: 'Everything answers. {model} is not loaded yet, so the first word takes longer.',
    why: 'It is installed, but not among the models that are in memory.',
  },
  no_models: {
    ...MISSING,
    summary: 'Ollama answers, but no model is installed.',
    why: 'Its list of models is empty.',
    fix: [{ text: 'Pull one at home.', command: 'ollama pull llama3.2' }],
  },
  model_wrong_tag: {
    ...MISSING,
    summary: 'Ollama answers, but {model} is not installed.{nearest}',
    why: 'The same model is installed under another tag.',
    fix: [PULL, { text: 'Or use the one that is installed.', command: '{wantModel}' }],
  },
  model_not_installed: {
    ...MISSING,
    summary: 'Ollama answers, but {model} is not installed.{nearest}',
    why: 'Its list of models does not contain this name.',
    fix: [PULL],
  },
  model_gone: {
    ...MISSING,
    rung: 'generate',
    summary: 'Ollama lists {model}, but answers that it does not exist.',
    why: 'The list contains the name, but Ollama answered the request for text with “not found”.',
    fix: [
      PULL,
      {
        text: 'If it is found only sometimes, two servers may answer in turn.',
        command: '{whoListens}',
      },
    ],
    or: ['split_home'],
  },
} as const satisfies Record<string, Reason>
