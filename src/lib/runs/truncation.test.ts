import { expect, test } from 'vitest'
import type { Output, Receipt } from '../contract/runs.ts'
import { explanationsOf } from './truncation.ts'

const TEXT: Output = { text: 'a', thinking: '', toolCalls: [] }
const THINKING: Output = { text: '', thinking: 'b', toolCalls: [] }
const EMPTY: Output = { text: '', thinking: '', toolCalls: [] }
const CALL: Output = { ...EMPTY, toolCalls: [{ function: { name: 'c', arguments: {} } }] }

const receipt = (part: Partial<Receipt> = {}, prompt = 10): Receipt => ({
  model: 'm',
  digest: null,
  quantization: null,
  ollamaVersion: null,
  contextLength: 4096,
  gpuShare: null,
  seed: null,
  optionsSent: {},
  think: null,
  keepAlive: null,
  doneReason: 'stop',
  truncated: false,
  cold: null,
  tokens: { prompt, thinking: null, answer: null, generated: 5 },
  ms: {
    queue: null,
    connect: null,
    load: null,
    prompt: null,
    thinking: null,
    answer: null,
    first: null,
    total: null,
    overhead: null,
  },
  rate: { prompt: null, answer: null },
  ...part,
})

test.each([
  ['a complete answer', receipt(), TEXT, 1, []],
  ['a tool call alone', receipt(), CALL, 1, []],
  [
    'an answer of the length of num_predict',
    receipt({ doneReason: 'length', optionsSent: { num_predict: 5 } }),
    TEXT,
    1,
    ['token_limit'],
  ],
  [
    'thinking that used all tokens',
    receipt({ doneReason: 'length' }),
    THINKING,
    1,
    ['thinking_used_budget'],
  ],
  ['thinking that ended by itself', receipt(), THINKING, 1, ['thought_without_answer']],
  ['an empty answer', receipt(), EMPTY, 1, ['empty']],
  ['a truncated prompt', receipt({ truncated: true }), TEXT, 1, ['prompt_truncated']],
  ['a long conversation', receipt({ truncated: null }, 3000), TEXT, 5, ['prompt_maybe_truncated']],
  ['a short conversation', receipt({ truncated: null }, 30), TEXT, 5, []],
  ['a long single prompt', receipt({ truncated: null }, 3000), TEXT, 1, []],
] as const)('the page explains %s only if needed', (_, figures, output, messages, names) => {
  expect(explanationsOf(figures, output, messages)).toEqual(names)
})
