import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Health } from '../contract/health.ts'
import { readOption } from '../contract/options.ts'
import { chipFor } from '../home/status-chip.ts'
import { readEvents } from '../runs/read-events.ts'
import { readLines } from '../read-lines.ts'
import { ago, duration, size, span, utcClock } from '../format.ts'
import { streamOf } from '../../../tests/support/stream-of.ts'

const health = (part: Partial<Health>) => ({ status: 'fail', models: null, ...part }) as Health

describe('the status chip', () => {
  test.each([
    [null, 'CHECKING'],
    [health({ status: 'pass', cause: 'ok' }), 'ONLINE'],
    [health({ status: 'warn', cause: 'ok', reason: 'slow' }), 'SLOW'],
    [health({ cause: 'tunnel_down' }), 'OFFLINE'],
    [health({ cause: 'not_configured' }), 'NO HOME'],
    [health({ cause: 'observer_blind' }), 'UNKNOWN'],
    [health({ cause: 'model_missing', models: ['a'] }), 'MODEL MISSING'],
  ] as const)('%o is %s', (state, word) => expect(chipFor(state, false).word).toBe(word))

  test('a missing model is amber while other models can run, and red otherwise', () => {
    expect(chipFor(health({ cause: 'model_missing', models: ['a'] }), false).state).toBe('degraded')
    expect(chipFor(health({ cause: 'model_missing', models: [] }), false).state).toBe('down')
  })

  test('the chip is never green on a page that cannot reach its own server', () => {
    expect(chipFor(health({ status: 'pass', cause: 'ok' }), true).word).toBe('UNKNOWN')
  })
})

describe('lines of a stream', () => {
  test('lines of a stream arrive complete, however the bytes are split', async () => {
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
  test('events of a run arrive complete and without comments, however the bytes are split', async () => {
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

describe('typed values', () => {
  test.each([
    ['num_ctx', '8192', 8192],
    ['num_ctx', '8.5', null],
    ['num_predict', '-1', -1],
    ['temperature', '0,2', 0.2],
    ['temperature', 'warm', null],
    ['use_mmap', 'yes', true],
    ['use_mmap', 'perhaps', null],
    ['stop', 'end, User:', ['end', 'User:']],
  ] as const)('the option %s typed as %j is sent as %j', (name, text, value) =>
    expect(readOption(name, text)).toEqual(value),
  )
})

describe('times and sizes in words', () => {
  test.each([
    [420, '0.42 s'],
    [8100, '8.1 s'],
    [42_400, '42 s'],
    [59_700, '1 min'],
    [125_000, '2 min 5 s'],
    [7_500_000, '2 h 5 min'],
    [97_200_000, '1 day 3 h'],
    [172_805_000, '2 days'],
  ])('a measured time of %i ms is shown as %s', (ms, text) => expect(duration(ms)).toBe(text))

  test.each([
    [-5, '0 s'],
    [59_000, '59 s'],
    [14 * 60_000, '14 min'],
    [26 * 3_600_000, '26 h'],
    [49 * 3_600_000, '2 days'],
  ])('a rough time of %i ms is shown as %s', (ms, text) => expect(span(ms)).toBe(text))

  test('a time in UTC includes its date unless it is today', () => {
    const now = Date.parse('2026-11-24T14:00:00Z')
    expect(
      ['2026-11-24T00:05:00Z', '2026-11-23T23:59:00Z', '2025-11-24T14:00:00Z'].map((iso) =>
        utcClock(iso, now),
      ),
    ).toEqual(['00:05 UTC', '23 Nov, 23:59 UTC', '24 Nov, 14:00 UTC'])
  })

  test('sizes and ages are readable', () => {
    expect([size(2_019_393_189), size(253_000_000)]).toEqual(['2.0 GB', '253 MB'])
    expect(ago('2026-11-23T21:00:00Z', Date.parse('2026-11-23T21:14:00Z'))).toBe('14 min ago')
  })
})
