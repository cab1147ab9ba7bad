import { describe, expect, test } from 'vitest'
import { readDraft, readRun } from './kept.ts'

const run = {
  id: 'a',
  state: 'done',
  model: 'llama3.2',
  prompt: 'Hi',
  text: 'Hello',
  thinking: '',
  endedAt: '2026-01-02T03:04:05Z',
  figures: {
    firstMs: 1,
    totalMs: 2,
    rate: null,
    promptTokens: 3,
    answerTokens: 4,
    wasCold: null,
    doneReason: 'stop',
  },
  failure: null,
  changed: ['seed 7'],
}

describe('what this device kept', () => {
  test.each([
    [null, null],
    ['text', null],
    [[1], { model: '', prompt: '', system: '', options: {} }],
    [{ options: null }, { model: '', prompt: '', system: '', options: {} }],
    [
      { model: 7, prompt: 'kept', options: { seed: '7', temperature: 1, warmth: '2' } },
      { model: '', prompt: 'kept', system: '', options: { seed: '7' } },
    ],
  ])('of a draft, %j is read as %j', (kept, read) => {
    expect(readDraft(kept)).toEqual(read)
  })

  test('of a run that is whole, everything is read', () => {
    expect(readRun(run)).toEqual(run)
  })

  test.each([
    ['figures of the wrong kind', { figures: { rate: 'fast' } }, { figures: null }],
    ['a time that is none', { endedAt: 'yesterday' }, { endedAt: null }],
    ['a text that is none', { thinking: 7 }, { thinking: '' }],
    ['a fix that is none', { failure: { title: 't', detail: 'd', fix: 'none' } }, { failure: null }],
  ])('of a run with %s, the rest is read', (_what, wrong, read) => {
    expect(readRun({ ...run, ...wrong })).toEqual({ ...run, ...read })
  })

  test('a run whose state nobody knows, or that failed without a word, is none', () => {
    expect(readRun({ ...run, state: 'odd' })).toBeNull()
    expect(readRun({ state: 'failed' })).toBeNull()
  })
})
