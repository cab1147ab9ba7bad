import { expect } from 'vitest'
import type {
  RunDetail,
  RunEvent,
  RunList,
  RunState,
  Started,
} from '../../../src/lib/contract/runs.ts'
import { asked, post, worker } from './client.ts'

export const MODEL = 'llama3.2:latest'

export const start = async (recipe: object = { prompt: 'Count to 12' }) => {
  const response = await worker('/api/runs', post({ model: MODEL, ...recipe }))
  expect(response.status).toBe(201)
  return response.json<Started>()
}
export const detail = async (id: string) => (await worker(`/api/runs/${id}`)).json<RunDetail>()
export const stop = async (id: string) =>
  (await worker(`/api/runs/${id}/stop`, { method: 'POST' })).json<{ state: RunState }>()
export const asksForText = async () =>
  (await asked()).filter(({ path }) => path === '/api/generate' || path === '/api/chat')

export async function stopAll() {
  const { runs } = await (await worker('/api/runs?limit=200')).json<RunList>()
  // Newest first, so that no waiting run starts.
  for (const { id, endedAt } of runs) if (endedAt === null) await stop(id)
}

export const watch = (id: string, after = 0) =>
  worker(`/api/runs/${id}/events${after > 0 ? `?after=${after}` : ''}`)

/** The events of a run, up to its end. */
export async function readEvents(response: Response): Promise<RunEvent[]> {
  expect(response.status).toBe(200)
  const frames = (await response.text()).split('\n\n').filter((frame) => frame.startsWith('id: '))
  return frames.map((frame) => {
    const [, seq, event, data = ''] = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/s.exec(frame) ?? []
    return { seq: Number(seq), event, data: JSON.parse(data) as unknown } as RunEvent
  })
}

export const textOf = (events: readonly RunEvent[]) =>
  events.map(({ event, data }) => (event === 'delta' ? (data.text ?? '') : '')).join('')

/** Waits until the run ends, and expects this state. */
export async function runTo(id: string, state: RunState) {
  await (await watch(id)).text()
  expect((await (await worker(`/api/runs/${id}`)).json<RunDetail>()).state).toBe(state)
}
