import { describe, expect, test } from 'vitest'
import { readDraft, readDraftImages, readRun } from './persisted-schemas.ts'

const run = {
  id: 'a',
  startedAt: 1,
  state: 'done',
  model: 'llama3.2',
  prompt: 'Hi',
  text: 'Hello',
  thinking: '',
  endedAt: '2026-01-02T03:04:05Z',
  receipt: {
    ...{
      model: 'llama3.2',
      digest: 'abc',
      quantization: 'Q4_K_M',
      ollamaVersion: '0.12.11',
      contextLength: 4096,
    },
    ...{
      gpuShare: 1,
      seed: 7,
      optionsSent: { seed: 7, stop: ['x'] },
      think: null,
      keepAlive: '5m',
      doneReason: 'stop',
    },
    ...{ truncated: false, cold: null },
    tokens: { prompt: 3, thinking: null, answer: 4, generated: 4 },
    ms: {
      queue: 0,
      connect: 1,
      load: 2,
      prompt: 3,
      thinking: null,
      answer: 4,
      first: 5,
      total: 6,
      overhead: null,
    },
    rate: { prompt: null, answer: 9.5 },
  },
  failure: null,
  changed: ['seed 7'],
  toolCalls: [{ function: { name: 'weather', arguments: { city: 'Bern' } } }],
  format: 'json',
  messages: 3,
  hasLogprobs: true,
}

const empty = {
  ...{
    model: '',
    prompt: '',
    system: '',
    options: {},
    think: '',
    tools: '',
    format: 'text',
    schema: '',
  },
  ...{ keepAlive: '', strict: false, logprobs: false, turns: [] },
}

describe('values stored on this device', () => {
  test.each([
    [null, null],
    ['text', null],
    [[1], empty],
    [{ options: null }, empty],
    [
      { model: 7, prompt: 'kept', options: { seed: '7', temperature: 1, warmth: '2' } },
      { ...empty, prompt: 'kept', options: { seed: '7' } },
    ],
    [
      {
        think: 'sometimes',
        format: 'xml',
        turns: [{ role: 'user', content: 'a' }, { role: 'cat' }, null],
      },
      { ...empty, turns: [{ role: 'user', content: 'a' }] },
    ],
  ])('the stored draft %j is read as %j', (kept, read) => {
    expect(readDraft(kept)).toEqual(read)
  })

  test('only the valid images of a stored draft are read', () => {
    const picture = { name: 'a', base64: 'x', width: 1, height: 2 }
    expect(
      readDraftImages({ pictures: [picture, { name: 'b' }], ofTurns: [['y'], 7, null] }),
    ).toEqual({
      pictures: [picture],
      ofTurns: [['y'], null, null],
    })
    expect(readDraftImages('odd')).toEqual({ pictures: [], ofTurns: [] })
  })

  test('a valid stored run is read completely', () => {
    expect(readRun(run)).toEqual(run)
  })

  test.each([
    ['an invalid receipt', { receipt: { rate: 'fast' } }, { receipt: null }],
    ['an invalid time', { endedAt: 'yesterday' }, { endedAt: null }],
    ['an invalid text', { thinking: 7 }, { thinking: '' }],
    ['an invalid fix', { failure: { title: 't', detail: 'd', fix: 'none' } }, { failure: null }],
  ])('a stored run with %s is read without it', (_what, wrong, read) => {
    expect(readRun({ ...run, ...wrong })).toEqual({ ...run, ...read })
  })

  test('a stored run with an unknown state, or one that failed without a reason and text, is not read', () => {
    expect(readRun({ ...run, state: 'odd' })).toBeNull()
    expect(readRun({ state: 'failed' })).toBeNull()
  })
})
