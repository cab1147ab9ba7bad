import { expect, inject, test, vi } from 'vitest'
import type { SilentRun } from '../support/start/silent-run.ts'

test(
  'a run without viewers survives a minute of silence in its answer',
  { timeout: 90_000 },
  async () => {
    const { url, lines } = inject('silentRun')
    const find = async () => (await (await fetch(url)).json()) as SilentRun
    await vi.waitFor(async () => expect((await find()).state).toBe('done'), {
      timeout: 85_000,
      interval: 500,
    })
    const { output, receipt } = await find()
    const said = lines
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { message: { content: string } }).message.content)
    expect(output.text).toBe(said.join(''))
    expect(receipt?.ms.total).toBeGreaterThan(59_000)
  },
)
