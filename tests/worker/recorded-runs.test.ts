import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import * as v from 'valibot'
import { describe, expect, inject, test } from 'vitest'
import { Recipe } from '../../src/lib/contract/recipe.ts'
import type { RunDetail, ToolCall } from '../../src/lib/contract/runs.ts'
import { readConfig } from '../../worker/config.ts'
import { diagnose } from '../../worker/diagnosis/diagnose.ts'
import { executeRun } from '../../worker/runs/execute-run.ts'
import { LoadTimes } from '../../worker/models/load-times.ts'
import { LiveRun } from '../../worker/runs/live-run.ts'
import { RunStore } from '../../worker/runs/run-store.ts'
import { SettingsStore } from '../../worker/settings/store.ts'
import type { RecordedAnswer } from '../support/setup/recorded-answers.ts'

const recorded = inject('recordedAnswers')

/** The ends of incomplete streams. Every other stream ends with done. */
const BROKEN: Readonly<Record<string, string>> = {
  'ollama/generate-format-json': 'ended_early',
  'streams/generate-repeat-guard': 'ended_early',
  'streams/runner-killed-mid-stream': 'runner_died',
  'streams/server-term-mid-stream': 'cut_midway',
}

interface Line {
  response?: string
  thinking?: string
  message?: { content?: string; thinking?: string; tool_calls?: ToolCall[] }
  done_reason?: string
  eval_count?: number
  prompt_eval_count?: number
}

/** The expected text, read from the recording without our code. */
function saidIn({ lines }: RecordedAnswer) {
  const read = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
  const all = (of: (line: Line) => string | undefined) =>
    read.map((line) => of(line) ?? '').join('')
  return {
    text: all(({ response, message }) => response ?? message?.content),
    thinking: all(({ thinking, message }) => thinking ?? message?.thinking),
    toolCalls: read.flatMap(({ message }) => message?.tool_calls ?? []),
    last: read.at(-1) ?? {},
  }
}

/** Executes the run as Home does, with its own database. */
async function runAt({ url, recipe }: RecordedAnswer): Promise<RunDetail> {
  const config = readConfig({ RUNTIME: 'local', OLLAMA_URL: url })
  const check = async () => ({
    verdict: await diagnose(config, {}),
    checkedAt: 0,
    since: 0,
    lastSeen: null,
  })
  const asked = v.parse(Recipe, recipe)
  return runInDurableObject(
    env.HOME.get(env.HOME.newUniqueId()),
    async (_home, { storage: { sql } }) => {
      const store = new RunStore(sql, new SettingsStore(sql))
      const run = new LiveRun(store, { id: 'a', recipe: asked, createdAt: Date.now() })
      store.add(run.id, 'running', asked, { lane: 'owner' }, run.createdAt)
      await executeRun(
        { config, diagnosis: { check }, loadTimes: new LoadTimes(sql, url, false) },
        run,
      )
      await run.ended
      return store.find('a') as RunDetail
    },
  )
}

/** Every number of a receipt is plausible or absent. */
function expectSense(value: unknown) {
  if (typeof value === 'number')
    expect(value).toSatisfy((figure: number) => figure >= 0 && figure < 1e7)
  else if (typeof value === 'object' && value !== null) Object.values(value).forEach(expectSense)
}

describe('recorded Ollama streams', () => {
  test('every recorded stream is played', () => {
    expect(recorded).toHaveLength(33)
    expect(recorded.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(BROKEN)))
  })

  test.each(recorded.map((answer) => [answer.name, answer] as const))(
    'a run over the recorded stream %s has its text, figures and end, wherever packets end',
    async (name, answer) => {
      const said = saidIn(answer)
      for (let round = 0; round < 3; round++) {
        const { state, output, receipt, failure } = await runAt(answer)
        expect(output).toEqual({
          text: said.text,
          thinking: said.thinking,
          toolCalls: said.toolCalls,
        })
        expect([state, failure?.reason]).toEqual(
          name in BROKEN ? ['failed', BROKEN[name]] : ['done', undefined],
        )
        if (state !== 'done') continue
        expectSense(receipt)
        expect(receipt).toMatchObject({
          doneReason: said.last.done_reason,
          gpuShare: 0.25,
          contextLength: 4096,
          tokens: { prompt: said.last.prompt_eval_count, generated: said.last.eval_count ?? null },
        })
      }
    },
  )
})
