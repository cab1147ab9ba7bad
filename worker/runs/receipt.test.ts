import { expect, test } from 'vitest'
import { UNKNOWN_FACTS } from '../models/facts.ts'
import { receiptOf } from './receipt.ts'

const times = {
  createdAt: 0,
  sentAt: 1,
  connectedAt: 2,
  thinkingAt: null,
  answeringAt: 3,
  endedAt: 10,
}
const receipt = (last: object) =>
  receiptOf(
    { model: 'a', prompt: 'b' },
    UNKNOWN_FACTS,
    last,
    { text: 'c', thinking: '', toolCalls: [] },
    times,
  )

test.each([
  ['nothing', {}],
  ['0', { eval_count: 0, eval_duration: 0, prompt_eval_duration: 0, total_duration: 0 }],
  [
    'negative',
    { eval_count: -1, eval_duration: -5_000_000, prompt_eval_duration: -1, total_duration: -1 },
  ],
  [
    'one nanosecond long',
    { eval_count: 2.5, eval_duration: 1, prompt_eval_duration: 1, total_duration: 1 },
  ],
  [
    'not numbers',
    { eval_count: '3', eval_duration: '4000000', prompt_eval_duration: null, done_reason: 7 },
  ],
  ['centuries long', { eval_count: Infinity, eval_duration: 1e19, prompt_eval_duration: 1e20 }],
])('figures of a receipt that are %s are unknown, never 0', (_, last) => {
  const { tokens, ms, rate, doneReason } = receipt(last)
  expect([tokens.answer, ms.answer, ms.prompt, rate.answer, doneReason]).toEqual([
    null,
    null,
    null,
    null,
    null,
  ])
})

test('plausible figures of a receipt become milliseconds and tokens per second', () => {
  const { tokens, ms, rate } = receipt({
    eval_count: 20,
    eval_duration: 4e9,
    prompt_eval_duration: 5e8,
  })
  expect([tokens.answer, ms.answer, ms.prompt, rate.answer]).toEqual([20, 4000, 500, 5])
})
