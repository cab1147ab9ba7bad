import { describe, expect, test } from 'vitest'
import type { RunDetail } from '../../src/lib/contract/runs.ts'
import { eventsForGuest, runForGuest } from './guest-view.ts'

const ALL = { system: true, thinking: true, images: true, stats: true }
const NOTHING = { system: false, thinking: false, images: false, stats: false }

const RECEIPT = {
  model: 'm',
  digest: 'canary',
  ollamaVersion: 'canary',
  gpuShare: 1,
  rate: { prompt: 1, answer: 2 },
}
const FRAMES = [
  ['phase', { phase: 'thinking', sinceMs: 1 }],
  ['delta', { thinking: 'secret\n\n\u2028thought\u2029', tokens: 2 }],
  ['delta', { text: 'data: {"x":1}\n\nevent: done', tokens: 1 }],
  ['done', { receipt: RECEIPT }],
] as const

async function guestEvents(show: typeof ALL, cutAt: number): Promise<string> {
  const text = FRAMES.map(
    ([event, data], nth) => `id: ${nth + 1}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
  ).join(': still here\n\n')
  const bytes = new TextEncoder().encode(text)
  const source = new ReadableStream<Uint8Array>({
    start(to) {
      for (let at = 0; at < bytes.length; at += cutAt) to.enqueue(bytes.slice(at, at + cutAt))
      to.close()
    },
  })
  return new Response(eventsForGuest(source, show)).text()
}

const dataOf = (text: string) =>
  [...text.matchAll(/\ndata: ([^\n]*)/g)].map(([, data = '']) => JSON.parse(data) as unknown)

describe('events of a guest’s run', () => {
  test.each([1, 7, 4096])(
    'a guest’s events keep their numbers and order in chunks of %i bytes',
    async (cutAt) => {
      const text = await guestEvents(NOTHING, cutAt)
      expect(
        [...text.matchAll(/^id: (\d)\nevent: (\w+)$/gm)].map(([, id, event]) => `${id} ${event}`),
      ).toEqual(['1 phase', '2 delta', '3 delta', '4 done'])
      expect(text.match(/: still here/g)).toHaveLength(3)
    },
  )

  test('a guest’s events include thinking and figures if the link allows them', async () => {
    const [, thought, , done] = dataOf(await guestEvents(ALL, 4096))
    expect(thought).toEqual({ thinking: 'secret\n\n\u2028thought\u2029', tokens: 2 })
    expect(done).toEqual({
      receipt: { ...RECEIPT, digest: null, ollamaVersion: null, gpuShare: null },
    })
  })

  test('a guest’s events omit thinking and figures if the link hides them', async () => {
    const text = await guestEvents(NOTHING, 4096)
    expect(text).not.toMatch(/secret|canary/)
    expect(dataOf(text).slice(1)).toEqual([
      { tokens: 2 },
      { text: 'data: {"x":1}\n\nevent: done', tokens: 1 },
      { receipt: null },
    ])
  })
})

describe('runs of guests', () => {
  const run = {
    ...{
      id: 'a',
      state: 'done',
      lane: 'guest',
      model: 'm',
      title: 'canary',
      createdAt: '',
      endedAt: '',
    },
    ...{ figures: { rate: 1 }, recipe: { model: 'm', system: 'canary' }, failure: null },
    output: { text: 'hello', thinking: 'secret', toolCalls: [] },
    receipt: RECEIPT,
  } as unknown as RunDetail

  test.each([
    [ALL, { thinking: 'secret', rate: { prompt: 1, answer: 2 } }],
    [NOTHING, { thinking: '', rate: undefined }],
  ])(
    'a guest’s run contains what %j allows, and nothing of the recipe',
    (show, { thinking, rate }) => {
      const json = runForGuest(JSON.stringify(run), show)
      const seen = JSON.parse(json) as RunDetail
      expect(json).not.toContain('canary')
      expect(seen).toMatchObject({ recipe: { model: 'm' }, output: { text: 'hello', thinking } })
      expect(seen.receipt?.rate).toEqual(rate)
      expect(Object.keys(seen)).not.toContain('figures')
    },
  )
})
