import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { FaultName, Settings } from '../simulator/faults.ts'

export interface HomeApart {
  url: string
  /** Resolves with the settings that a server needs to meet the fault. */
  setFault: (name: FaultName) => Promise<Settings>
  stop: () => Promise<void>
}

/** A simulated home in a separate process, with its default models or the given number: it must not share an event loop with the client that measures. */
export async function startHomeApart(tokensPerSecond: number, models = 0): Promise<HomeApart> {
  const child = fork(new URL('./home-process.ts', import.meta.url), [
    String(tokensPerSecond),
    String(models),
  ])
  const [{ url, control }] = (await once(child, 'message')) as [{ url: string; control: string }]
  const ended = once(child, 'exit')
  return {
    url,
    setFault: async (name) => {
      const response = await fetch(`${control}/fault`, {
        method: 'PUT',
        body: JSON.stringify({ name }),
      })
      if (!response.ok)
        throw new Error(`the fault ${name} could not be set: ${await response.text()}`)
      return ((await response.json()) as { settings: Settings }).settings
    },
    stop: async () => {
      child.disconnect()
      await ended
    },
  }
}
