import { expect, test } from 'vitest'
import { truncationsOf } from './limits.ts'
import type { Options } from './options.ts'
import type { Output } from './runs.ts'

const TEXT: Output = { text: 'a', thinking: '', toolCalls: [] }
const THINKING: Output = { text: '', thinking: 'b', toolCalls: [] }
const CALL = { function: { name: 'c', arguments: {} } }

interface Part {
  prompt?: number | null
  generated?: number | null
  contextLength?: number | null
  optionsSent?: Options
  doneReason?: string
  truncated?: boolean | null
}

const receipt = ({ prompt = 10, generated = 5, ...part }: Part = {}) => ({
  doneReason: 'length',
  contextLength: 4096,
  truncated: false,
  optionsSent: {},
  tokens: { prompt, thinking: null, answer: null, generated },
  ...part,
})

test.each([
  ['99 of num_predict 100', { generated: 99, optionsSent: { num_predict: 100 } }, 'token_limit'],
  ['all of num_predict', { generated: 100, optionsSent: { num_predict: 100 } }, 'token_limit'],
  ['97 of num_predict 100', { generated: 97, optionsSent: { num_predict: 100 } }, 'cut_at_length'],
  ['no limit by num_predict -1', { optionsSent: { num_predict: -1 } }, 'cut_at_length'],
  ['4,094 of a context of 4,096', { prompt: 4000, generated: 94 }, 'context_full'],
  ['4,093 of a context of 4,096', { prompt: 4000, generated: 93 }, 'cut_at_length'],
  ['a full context with an unknown prompt', { prompt: null, generated: 4096 }, 'context_full'],
  ['a short answer with an unknown prompt', { prompt: null, generated: 90 }, 'cut_at_length'],
  ['a full context with an unknown answer', { prompt: 4095, generated: null }, 'context_full'],
  ['an unknown context', { prompt: 4000, generated: 96, contextLength: null }, 'cut_at_length'],
] as const)('an answer that ended by its length after %s is reported as %s', (_, part, code) => {
  expect(truncationsOf(receipt(part), TEXT)).toEqual([code])
})

test('thinking that used all tokens is reported instead of the token limit', () => {
  const part = { generated: 100, optionsSent: { num_predict: 100 } }
  expect(truncationsOf(receipt(part), THINKING)).toEqual(['thinking_used_budget'])
  const withCall = { ...THINKING, toolCalls: [CALL] }
  expect(truncationsOf(receipt(part), withCall)).toEqual(['token_limit'])
})

test('an answer that ended normally reached no limit, however long it is', () => {
  const part = { generated: 4096, doneReason: 'stop', optionsSent: { num_predict: 5 } }
  expect(truncationsOf(receipt(part), TEXT)).toEqual([])
})

test('a truncated prompt is reported, also beside a truncated answer', () => {
  expect(truncationsOf(receipt({ truncated: true, doneReason: 'stop' }), TEXT)).toEqual([
    'prompt_truncated',
  ])
  expect(truncationsOf(receipt({ truncated: true, prompt: 4095 }), TEXT)).toEqual([
    'prompt_truncated',
    'context_full',
  ])
})
