import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Health } from '../contract/health.ts'
import { readOption } from '../contract/options.ts'
import { chipFor } from '../home/status-chip.ts'
import { readEvents } from '../runs/read-events.ts'
import { readLines } from '../read-lines.ts'
import { ago, duration, size } from '../format.ts'
import { streamOf } from '../../../tests/support/stream-of.ts'

const health = (part: Partial<Health>) => ({ status: 'fail', models: null, ...part }) as Health

describe('the word on the chip', () => {
  test.each([
    [null, 'CHECKING'],
    [health({ status: 'pass', cause: 'ok' }), 'ONLINE'],
    [health({ status: 'warn', cause: 'ok', reason: 'slow' }), 'SLOW'],
    [health({ cause: 'tunnel_down' }), 'OFFLINE'],
    [health({ cause: 'not_configured' }), 'NO HOME'],
    [health({ cause: 'observer_blind' }), 'UNKNOWN'],
    [health({ cause: 'model_missing', models: ['a'] }), 'MODEL MISSING'],
  ] as const)('%o is %s', (state, word) => expect(chipFor(state, false).word).toBe(word))

  test('a missing model is amber while others run, red when none can', () => {
    expect(chipFor(health({ cause: 'model_missing', models: ['a'] }), false).tone).toBe('warn')
    expect(chipFor(health({ cause: 'model_missing', models: [] }), false).tone).toBe('fail')
  })

  test('a page that cannot reach its own server is never green', () => {
    expect(chipFor(health({ status: 'pass', cause: 'ok' }), true).word).toBe('UNKNOWN')
  })
})

describe('lines of a stream', () => {
  test('arrive whole, however the bytes were split', async () => {
    const lines = [{ response: 'Grüße 🏠' }, { response: '\n' }, { done: true }]
    const bytes = new TextEncoder().encode(
      lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    )
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(bytes.length)), async (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length]
        const chunks = edges.slice(1).map((end, index) => bytes.slice(edges[index], end))
        const read = []
        for await (const group of readLines(streamOf(chunks))) read.push(...group)
        expect(read).toEqual(lines)
      }),
      { numRuns: 60 },
    )
  })
})

describe('events of a run', () => {
  test('arrive whole, however the bytes were split, and without the comments between them', async () => {
    const events = [
      { seq: 1, event: 'phase', data: { phase: 'connecting', sinceMs: 0 } },
      { seq: 2, event: 'delta', data: { text: 'Grüße\n\n\u2028🏠', tokens: 1 } },
      { seq: 3, event: 'stopped', data: {} },
    ]
    const frames = events.map(
      ({ seq, event, data }) => `id: ${seq}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
    )
    const bytes = new TextEncoder().encode(frames.join(': still here\n\n'))
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(bytes.length)), async (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length]
        const chunks = edges.slice(1).map((end, index) => bytes.slice(edges[index], end))
        const read = []
        for await (const group of readEvents(streamOf(chunks))) read.push(...group)
        expect(read).toEqual(events)
      }),
      { numRuns: 60 },
    )
  })
})

describe('what a person typed', () => {
  test.each([
    ['num_ctx', '8192', 8192],
    ['num_ctx', '8.5', null],
    ['num_predict', '-1', -1],
    ['temperature', '0,2', 0.2],
    ['temperature', 'warm', null],
    ['use_mmap', 'yes', true],
    ['use_mmap', 'perhaps', null],
    ['stop', 'end, User:', ['end', 'User:']],
  ] as const)('%s: %j is sent as %j', (name, text, value) =>
    expect(readOption(name, text)).toEqual(value),
  )
})

describe('words', () => {
  test('durations, sizes and ages read as people say them', () => {
    expect([duration(420), duration(8100), duration(42_400), duration(125_000)]).toEqual([
      '0.42 s',
      '8.1 s',
      '42 s',
      '2 min 5 s',
    ])
    expect([size(2_019_393_189), size(253_000_000)]).toEqual(['2.0 GB', '253 MB'])
    expect(ago('2026-11-23T21:00:00Z', Date.parse('2026-11-23T21:14:00Z'))).toBe('14 min ago')
  })
})
