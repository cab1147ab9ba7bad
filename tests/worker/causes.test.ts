import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FAULTS, type FaultName, type Settings } from '../../simulator/faults.ts'
import type { Health } from '../../src/lib/contract/health.ts'
import type { LlmStatus } from '../../src/lib/contract/llm.ts'
import type { Problem } from '../../src/lib/contract/problem.ts'
import { REASONS, type Verdict } from '../../src/lib/diagnosis/index.ts'
import { readConfig } from '../../worker/config.ts'
import { diagnose } from '../../worker/diagnosis/diagnose.ts'
import { EXPECTED_REASONS, type ExpectedReasons } from '../support/workerd/expected-reasons.ts'
import { apiWith, asked, homeUrl, post, reset, setFault } from '../support/workerd/client.ts'

beforeEach(reset)
afterEach(reset)

const FAULT_ROWS = Object.entries(EXPECTED_REASONS) as [FaultName, ExpectedReasons][]
const rowsWith = (kind: 'run' | 'deep') => FAULT_ROWS.filter(([, told]) => told[kind] !== undefined)

const isDeployed = ({ RUNTIME }: Settings) => RUNTIME === 'deployed'
/** A deployed server without an owner hides its reason from strangers, so this runs the diagnosis directly. */
async function check(settings: Settings, query = ''): Promise<Verdict> {
  if (isDeployed(settings)) return diagnose(readConfig(settings))
  const response = await apiWith(settings)(`/api/health?fresh=1${query}`)
  const health = await response.json<Health>()
  expect(response.status).toBe(health.status === 'fail' ? 503 : 200)
  return health
}

describe('faults of the home', () => {
  test.each(FAULT_ROWS)('a check names the fault %s', async (fault, { check: reason, warns }) => {
    const settings = await setFault(fault)
    const startedAt = Date.now()
    const verdict = await check(settings)
    expect(Date.now() - startedAt).toBeLessThan(8500)
    expect(verdict.reason, `${FAULTS[fault].title} ${verdict.summary}`).toBe(reason)
    const isWell = REASONS[reason].cause === 'ok'
    expect(verdict.status).toBe(warns ? 'warn' : isWell ? 'pass' : 'fail')
    const dark = verdict.ladder.findIndex(({ result }) => result === 'fail')
    if (dark >= 0)
      expect(verdict.ladder.slice(dark + 1).every(({ result }) => result === 'skipped')).toBe(true)
    expect(JSON.stringify(verdict)).not.toMatch(/\{\w+\}|undefined/)
    expect((await asked()).length).toBeLessThanOrEqual(7)
  })

  test.each(rowsWith('run'))('a run names the fault %s', async (fault, { run }) => {
    const api = apiWith(await setFault(fault))
    for (const stream of [true, false]) {
      const response = await api(
        '/api/llm/generate',
        post({ model: 'llama3.2:latest', prompt: 'Hello', stream }),
      )
      expect(reasonOf(await response.text()), `stream ${stream}`).toBe(run)
    }
  })

  test.each(rowsWith('deep'))(
    'a deep check names the fault %s',
    { timeout: 30_000 },
    async (fault, { deep, load }) => {
      const settings = await setFault(fault)
      const verdict = await check(
        { OLLAMA_MODELS: 'llama3.2', ...settings },
        `&deep=1${load ? '&load=1' : ''}`,
      )
      expect(verdict.reason, verdict.summary).toBe(deep)
      expect(verdict.ladder.at(-1)).toMatchObject({ rung: 'generate', result: 'fail' })
      expect(verdict.ladder.slice(0, -1).every(({ result }) => result !== 'fail')).toBe(true)
    },
  )
})

/** The reason in a problem, or in the last line of a stream. */
function reasonOf(body: string): string | undefined {
  const last = body.trim().split('\n').at(-1) ?? ''
  return (JSON.parse(last) as Problem).reason
}

/** The first fault of each cause. */
const ONE_OF_EACH_CAUSE = [
  ...new Map([...FAULT_ROWS].reverse().map((row) => [REASONS[row[1].check].cause, row])).values(),
]

describe('status route of the earlier backend', () => {
  test.each(ONE_OF_EACH_CAUSE)('a home with %s is online only if Ollama answers', async (fault) => {
    const settings = await setFault(fault)
    if (isDeployed(settings)) return
    const api = apiWith(settings)
    const health = await (await api('/api/health?code=200')).json<Health>()
    const { status } = await (await api('/api/llm/status')).json<LlmStatus>()
    const isUp =
      health.version !== null && (health.status !== 'fail' || health.cause === 'model_missing')
    expect(status).toBe(isUp ? 'online' : 'offline')
  })
})

describe('closed idle connections', () => {
  test('a healthy home that closes idle connections is never reported as broken', async () => {
    await setFault('blinks')
    const api = apiWith({ OLLAMA_URL: homeUrl })
    for (let round = 0; round < 6; round++) {
      expect((await api('/api/health?fresh=1')).status).toBe(200)
      expect((await api('/api/llm/models')).status).toBe(200)
    }
  })
})

describe('unusable OLLAMA_URL', () => {
  const BAD = [
    'url_missing',
    'url_quoted',
    'url_without_scheme',
    'url_unknown_scheme',
    'url_with_credentials',
    'url_with_path',
    'url_malformed',
  ] as const

  test.each(BAD)('the OLLAMA_URL fault %s is reported and crashes no route', async (fault) => {
    const api = apiWith(await setFault(fault))
    const health = await (await api('/api/health?code=200')).json<Health>()
    expect(health).toMatchObject({ cause: 'not_configured', reason: fault, rung: 'config' })
    expect(health.summary).toContain('OLLAMA_URL')
    expect(health.fix.length).toBeGreaterThan(0)
    expect(await (await api('/api/llm/status')).json()).toMatchObject({
      status: 'offline',
      cause: 'not_configured',
    })
    const models = await api('/api/llm/models')
    expect([models.status, (await models.json<Problem>()).code]).toEqual([503, 'home'])
    expect(JSON.stringify(health)).not.toContain('hidden')
  })
})
