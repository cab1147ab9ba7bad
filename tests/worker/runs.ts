import { expect } from 'vitest'
import type { RunDetail, RunEvent, RunState } from '../../src/lib/contract/runs.ts'
import { worker } from './home.ts'

export const watch = (id: string, after = 0) => worker(`/api/runs/${id}/events${after > 0 ? `?after=${after}` : ''}`)

/** The events of a run that is watched to its end. */
export async function readEvents(response: Response): Promise<RunEvent[]> {
  expect(response.status).toBe(200)
  const frames = (await response.text()).split('\n\n').filter((frame) => frame.startsWith('id: '))
  return frames.map((frame) => {
    const [, seq, event, data = ''] = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/s.exec(frame) ?? []
    return { seq: Number(seq), event, data: JSON.parse(data) } as RunEvent
  })
}

export const textOf = (events: readonly RunEvent[]) =>
  events.map(({ event, data }) => (event === 'delta' ? (data.text ?? '') : '')).join('')

/** Waits until the run is over, and says how it must have ended. */
export async function runTo(id: string, state: RunState) {
  await (await watch(id)).text()
  expect((await (await worker(`/api/runs/${id}`)).json<RunDetail>()).state).toBe(state)
}
