import { beforeAll, expect, test, vi } from 'vitest'
import { buildIfChanged } from '../../scripts/build.ts'
import type { RunDetail, RunList, Started } from '../../src/lib/contract/runs.ts'
import { emptyFolder } from '../support/start/folders.ts'
import { allGone, descendants, home, started } from '../support/start/servers.ts'

beforeAll(() => buildIfChanged(() => undefined), 120_000)

/** Text is stored every 250 ms; a slow disk gets the same again. */
const LOST_AT_MOST_MS = 500
const TOKENS_PER_SECOND = 45

const post = (body: object): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
})

test('kill -9 during a run loses at most the text of the last 250 ms', async () => {
  const { url: OLLAMA_URL } = await home()
  const PORCHLIGHT_DATA = emptyFolder()
  const first = await started({ OLLAMA_URL, PORCHLIGHT_DATA })
  const start = async (url: string, prompt: string) =>
    (await (
      await fetch(`${url}/api/runs`, post({ model: 'llama3.2:latest', prompt }))
    ).json()) as Started
  const find = async (url: string, id: string) =>
    (await (await fetch(`${url}/api/runs/${id}`)).json()) as RunDetail
  const { id } = await start(first.url, 'Count to 3000')
  const waiting = await start(first.url, 'Count to 3')

  const seen = await readFor(`${first.url}/api/runs/${id}/events`, 2000, () => {
    for (const pid of [...descendants(first.pid), first.pid]) process.kill(pid, 'SIGKILL')
  })
  await allGone([first.pid])

  const second = await started({ OLLAMA_URL, PORCHLIGHT_DATA })
  const { state, output } = await find(second.url, id)
  expect(state).toBe('interrupted')
  expect(seen.startsWith(output.text)).toBe(true)
  const lost = seen.slice(output.text.length).trim().split(/\s+/).length
  expect(lost).toBeLessThanOrEqual((LOST_AT_MOST_MS * TOKENS_PER_SECOND) / 1000)
  expect(output.text.length).toBeGreaterThan(20)
  const events = await (await fetch(`${second.url}/api/runs/${id}/events`)).text()
  expect(events.trim().split('\n\n').at(-1)).toMatch(/event: interrupted/)

  await vi.waitFor(async () => expect((await find(second.url, waiting.id)).state).toBe('done'), {
    timeout: 10_000,
  })
  const { runs } = (await (await fetch(`${second.url}/api/runs`)).json()) as RunList
  expect(runs.map(({ state }) => state).sort()).toEqual(['done', 'interrupted'])
  expect((await start(second.url, 'Count to 3')).state).toBe('running')
})

/** The text of the answer until `end` is called after so many ms, which breaks the connection. */
async function readFor(url: string, ms: number, end: () => void): Promise<string> {
  const response = await fetch(url)
  setTimeout(end, ms)
  let text = ''
  try {
    for await (const bytes of response.body ?? [])
      text += Buffer.from(bytes as Uint8Array).toString('utf8')
  } catch {
    // The server was killed.
  }
  const deltas = [...text.matchAll(/^event: delta\ndata: ([^\n]*)\n/gm)]
  return deltas
    .map(([, data = '{}']) => (JSON.parse(data) as { text?: string }).text ?? '')
    .join('')
}
