import type { TestProject } from 'vitest/node'
import { buildIfChanged } from '../../../scripts/build.ts'
import type { RunDetail, Started } from '../../../src/lib/contract/runs.ts'
import { serve } from '../serve.ts'
import { startSilentHome } from '../setup/recorded-answers.ts'

const SILENT_MS = 60_000

/** Starts a run at a home that is silent for a minute. It lasts while the other tests run; `silence.test.ts` checks its end. */
export default async function setup({ provide }: TestProject) {
  await buildIfChanged(() => undefined)
  const home = await startSilentHome(SILENT_MS)
  const server = await serve({ OLLAMA_URL: home.url })
  const response = await fetch(`${server.url}/api/runs`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ model: home.recipe.model, messages: home.recipe.messages }),
  })
  const { id } = (await response.json()) as Started
  provide('silentRun', { url: `${server.url}/api/runs/${id}`, lines: home.lines })
  return async () => {
    await server.stop()
    await home.stop()
  }
}

export type SilentRun = Pick<RunDetail, 'state' | 'output' | 'receipt'>

declare module 'vitest' {
  interface ProvidedContext {
    silentRun: { url: string; lines: string }
  }
}
