import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Problem } from '../../src/lib/contract/problem.ts'
import type { RunDetail, RunList, RunSummary } from '../../src/lib/contract/runs.ts'
import type { Settings } from '../../src/lib/contract/settings.ts'
import { csvRow } from '../../worker/runs/export/csv.ts'
import { markdownOf } from '../../worker/runs/export/markdown.ts'
import { reset, setFault, worker, portsAt } from '../support/workerd/client.ts'
import { MODEL, detail, runTo, start, stopAll } from '../support/workerd/runs.ts'

beforeEach(reset)
afterEach(async () => {
  await stopAll()
  await reset()
})

const list = async (query = '') => (await (await worker(`/api/runs${query}`)).json<RunList>()).runs
const titles = (runs: readonly RunSummary[]) => runs.map(({ title }) => title)
const done = async (recipe: object) => {
  const { id } = await start(recipe)
  await runTo(id, 'done')
  return id
}

describe('the run history', () => {
  test('a listed run has the figures of its receipt and the reason of its failure', async () => {
    const id = await done({ prompt: 'Count to 12' })
    await setFault('model_removed')
    const { id: failed } = await start({ prompt: 'Hello' })
    await runTo(failed, 'failed')
    const [second, first] = await list('?limit=2')
    const { receipt } = await detail(id)
    expect(first?.figures).toEqual({
      firstMs: receipt?.ms.first,
      rate: receipt?.rate.answer,
      tokens: receipt?.tokens.generated,
      cold: receipt?.cold,
      truncated: receipt?.truncated,
    })
    expect(first?.figures?.tokens).toBeGreaterThan(0)
    expect(second).toMatchObject({ id: failed, figures: null, failure: { cause: 'model_missing' } })
    expect(first?.failure).toBeNull()
  })

  test('a search finds prompts and answers in any letter case, and no field names', async () => {
    await done({ prompt: 'Sag "ÄPFEL"\nund Birnen', system: 'Sei knapp' })
    for (const q of ['"äpfel"\nund', 'ÄPFEL', 'sei KNAPP', 'llama3.2'])
      expect(titles(await list(`?limit=1&q=${encodeURIComponent(q)}`)), q).toEqual([
        'Sag "ÄPFEL"\nund Birnen',
      ])
    expect(await list('?q=optionsSent')).toEqual([])
    expect(await list('?q=%22prompt%22')).toEqual([])
  })
})

const row = (
  id: string,
  more: Partial<Record<'recipe' | 'bytes' | 'ended_at' | 'words', string | number | null>> = {},
) => ({
  ...{ id, recipe: JSON.stringify({ model: MODEL, prompt: id }), bytes: 1, ended_at: 1, words: id },
  ...more,
})

function insert(sql: SqlStorage, { id, recipe, bytes, ended_at, words }: ReturnType<typeof row>) {
  sql.exec(
    "INSERT INTO run (id, state, model, title, recipe, words, created_at, ended_at, bytes) VALUES (?, 'done', 'm', 't', ?, ?, 1, ?, ?)",
    ...[id, recipe, words ?? null, ended_at ?? null, bytes ?? null],
  )
}

describe('retention', () => {
  const settings = async (init?: RequestInit) => {
    const response = await worker('/api/settings', init)
    expect(response.status).toBe(200)
    return response.json<Settings>()
  }
  const put = (kept: unknown): RequestInit => ({
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ kept }),
  })

  test('the default retention is 500 runs and 200 MB, shown with the current use', async () => {
    const { kept, holds } = await settings()
    expect(kept).toEqual({ runs: 500, megabytes: 200 })
    await done({ prompt: 'Hello' })
    const after = (await settings()).holds
    expect(after.runs).toBe(holds.runs + 1)
    expect(after.bytes).toBeGreaterThan(holds.bytes)
  })

  test('a retention change shows in advance what it deletes, and applies at once and from then on', async () => {
    for (const prompt of ['One', 'Two', 'Three', 'Four']) await done({ prompt })
    const { runs } = (await settings()).holds
    expect(await (await worker('/api/settings/kept?runs=2&megabytes=200')).json()).toEqual({
      over: runs - 2,
    })
    expect((await settings()).holds.runs).toBe(runs)
    expect(await settings(put({ runs: 2, megabytes: 200 }))).toMatchObject({
      kept: { runs: 2, megabytes: 200 },
      holds: { runs: 2 },
    })
    expect(titles(await list())).toEqual(['Four', 'Three'])
    await done({ prompt: 'Five' })
    expect(titles(await list())).toEqual(['Five', 'Four'])
    await settings(put({ runs: 500, megabytes: 200 }))
  })

  test('retention by bytes spares the newest run and unfinished runs', async () => {
    const stub = env.HOME.get(env.HOME.newUniqueId())
    await runInDurableObject(stub, (_home, { storage: { sql } }) => {
      insert(sql, row('1', { bytes: 900_000 }))
      insert(sql, row('2', { bytes: 900_000, ended_at: null }))
      insert(sql, row('3', { bytes: 3_000_000 }))
    })
    expect(await portsAt(stub).settings.countExcess({ runs: 500, megabytes: 1 })).toBe(1)
    await portsAt(stub).settings.setRetention({ runs: 500, megabytes: 1 })
    const { runs } = await portsAt(stub).runs.list({ limit: 9 })
    expect(runs.map(({ id }) => id)).toEqual(['3', '2'])
  })

  test.each([
    [{ runs: 0, megabytes: 200 }, 'kept.runs'],
    [{ runs: 2.5, megabytes: 200 }, 'kept.runs'],
    [{ runs: 500, megabytes: 1e9 }, 'kept.megabytes'],
    [{ runs: 500 }, 'kept.megabytes'],
    [{ runs: 500, megabytes: 200, odd: 1 }, 'kept.odd'],
  ])('retention rejects %j', async (kept, path) => {
    const response = await worker('/api/settings', put(kept))
    expect(response.status).toBe(422)
    expect((await response.json<Problem>()).errors?.map((error) => error.path)).toEqual([path])
  })

  test('a retention preview with impossible values is refused', async () => {
    expect((await worker('/api/settings/kept?runs=some&megabytes=200')).status).toBe(422)
    expect((await worker('/api/settings/kept')).status).toBe(422)
  })
})

describe('exports', () => {
  const get = async (query: string) => {
    const response = await worker(`/api/runs/export${query}`)
    expect(response.status).toBe(200)
    return { text: await response.text(), headers: response.headers }
  }

  test('a JSON export has complete runs: all, the selected ones, or the results of a search', async () => {
    const a = await done({ prompt: 'Say walrus' })
    const b = await done({ prompt: 'Say otter' })
    const { text, headers } = await get('')
    const all = (JSON.parse(text) as { runs: RunDetail[] }).runs
    expect(all.slice(0, 2)).toEqual([await detail(b), await detail(a)])
    expect(all).toHaveLength((await list('?limit=200')).length)
    expect(headers.get('content-disposition')).toBe('attachment; filename="porchlight-runs.json"')
    const idsOf = async (query: string) =>
      (JSON.parse((await get(query)).text) as { runs: RunDetail[] }).runs.map(({ id }) => id)
    expect(await idsOf(`?ids=${a},unknown`)).toEqual([a])
    expect(await idsOf('?q=OTTER')).toEqual([b])
    expect(await idsOf('?ids=unknown')).toEqual([])
    expect((await get('?format=csv&ids=unknown')).text.split('\r\n')).toHaveLength(2)
  })

  test('a CSV or Markdown export has its own content type and file name', async () => {
    const id = await done({ prompt: 'Say heron' })
    const csv = await get(`?format=csv&ids=${id}`)
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(csv.text).toContain(`\r\n"${id}",`)
    const md = await get(`?format=md&ids=${id}`)
    expect(md.headers.get('content-type')).toBe('text/markdown; charset=utf-8')
    expect(md.text).toContain('## Say heron')
  })

  test('an export in an unknown format is refused', async () => {
    const response = await worker('/api/runs/export?format=toString')
    expect([response.status, (await response.json<Problem>()).errors?.[0]?.path]).toEqual([
      422,
      'format',
    ])
  })

  test(
    'an export of 500 runs and 200 MB reads one run at a time',
    { timeout: 60_000 },
    async () => {
      const stub = env.HOME.get(env.HOME.newUniqueId())
      const frame = `id: 1\nevent: delta\ndata: ${JSON.stringify({ text: 'a'.repeat(400_000), tokens: 1 })}\n\n`
      await runInDurableObject(stub, (_home, { storage: { sql } }) => {
        for (let nth = 100; nth < 600; nth++) {
          insert(sql, row(String(nth), { bytes: frame.length }))
          sql.exec(
            'INSERT INTO run_event (run_id, last, frames) VALUES (?, 1, ?)',
            String(nth),
            frame,
          )
        }
      })
      const startedAt = performance.now()
      const { runs } = await portsAt(stub).runs.list({ limit: 50 })
      expect(runs).toHaveLength(50)
      expect(performance.now() - startedAt).toBeLessThan(250)
      let bytes = 0
      let largest = 0
      for await (const part of await portsAt(stub).runs.export({}, 'json')) {
        bytes += part.byteLength
        largest = Math.max(largest, part.byteLength)
      }
      expect(bytes).toBeGreaterThan(200_000_000)
      expect(largest).toBeLessThan(1_000_000)
    },
  )
})

const run = (more: Partial<RunDetail>): RunDetail => ({
  id: 'a',
  state: 'done',
  model: MODEL,
  title: 'Hi',
  lane: 'owner',
  createdAt: '2026-01-02T03:04:05.000Z',
  endedAt: null,
  figures: null,
  failure: null,
  receipt: null,
  recipe: { model: MODEL, prompt: 'Hi' },
  output: { text: '', thinking: '', toolCalls: [] },
  ...more,
})

describe('CSV for spreadsheets', () => {
  const answered = (text: string) => csvRow(run({ output: { text, thinking: '', toolCalls: [] } }))

  test.each([
    ['=1+1', `"'=1+1"`],
    ['  =HYPERLINK("https://evil.example","x")', `"'  =HYPERLINK(""https://evil.example"",""x"")"`],
    ['+1', `"'+1"`],
    ['-1+cmd|calc', `"'-1+cmd|calc"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['＝1', `"'＝1"`],
    ['\t=1', `"'\t=1"`],
    ['\r\n=1', `"'\r\n=1"`],
    ['a "word", and\nmore', `"a ""word"", and\nmore"`],
    ['1 + 1 = 2', '"1 + 1 = 2"'],
  ])('CSV writes %j as %s', (text, cell) => expect(answered(text)).toContain(`,${cell},`))
})

describe('a run as Markdown', () => {
  test('no prompt or answer can look like a heading of the Markdown export', () => {
    const text = '```\n## Not ours\n<script>\n````\n# Nor this'
    const recipe = { model: 'm`x', prompt: text, system: text }
    const lines = markdownOf(
      run({ title: '# [x](y)\n# z', recipe, output: { text, thinking: text, toolCalls: [] } }),
    ).split('\n')
    const isOpen = { fence: '' }
    const free = lines.filter((line) => {
      const fence = /^`{3,}/.exec(line)?.[0] ?? ''
      if (isOpen.fence === '' && fence) isOpen.fence = fence
      else if (isOpen.fence !== '' && line === isOpen.fence) isOpen.fence = ''
      else return isOpen.fence === '' && !line.startsWith('> ')
      return false
    })
    expect(free.filter((line) => /^#|</.test(line))).toEqual([
      '## \\# \\[x\\](y) \\# z',
      '### System',
      '### Prompt',
      '### Thinking',
      '### Answer',
    ])
  })
})

describe('strangers', () => {
  test.each([
    ['GET', '/api/runs/export'],
    ['GET', '/api/settings'],
    ['PUT', '/api/settings'],
    ['GET', '/api/settings/kept?runs=1&megabytes=1'],
  ])('a stranger may not use %s %s', async (method, path) => {
    expect((await worker(path, { method, headers: { Via: 'x' } })).status).toBe(401)
  })
})
