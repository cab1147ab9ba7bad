/** The checklist against a real Ollama: the one at `OLLAMA_URL`, else the one on this machine. Without one it is skipped. */
import { AGREEMENT } from '../tests/support/checklist/agreement.ts'
import { CHECKLIST, type Step, type Subject } from '../tests/support/checklist/checklist.ts'
import { RUN_STEPS } from '../tests/support/checklist/run-steps.ts'
import { chooseModel, ollamaOf, versionOf, type Ollama } from '../tests/support/checklist/ollama.ts'
import { serve } from '../tests/support/serve.ts'
import { readConfig } from '../worker/config.ts'
import { readVariables } from './settings.ts'

const LOCAL_OLLAMA = 'http://127.0.0.1:11434'

const say = (line: string) => process.stdout.write(`${line}\n`)
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

const variables = readVariables(process.env)
const url = variables.OLLAMA_URL ?? LOCAL_OLLAMA
const config = readConfig({ ...variables, OLLAMA_URL: url })
const home = ollamaOf(config)
const version = home && (await versionOf(home).catch(() => null))

if (home && version !== null) process.exitCode = await testHome(home, version).catch(reportFailure)
else skip()

function reportFailure(error: unknown): number {
  say(`FAIL  ${messageOf(error)}`)
  return 1
}

/** A workflow that sets OLLAMA_URL must not pass because that home is down. */
function skip() {
  const isRequired = Boolean(process.env.OLLAMA_URL?.trim()) && process.env.CI === 'true'
  say(
    `${isRequired ? 'FAIL ' : 'Skipped:'} no Ollama answers at ${url}, so there is no real home to test.`,
  )
  process.exitCode = isRequired ? 1 : 0
}

async function testHome(home: Ollama, version: string): Promise<number> {
  const model = await chooseModel(home, config.wanted[0])
  say(`Home: Ollama ${version} at ${home.url}, model ${model}`)
  const server = await serve({ ...variables, OLLAMA_URL: home.url })
  try {
    return await runSteps({ server: server.url, home, model })
  } finally {
    await server.stop()
  }
}

async function runSteps(subject: Subject): Promise<number> {
  let failed = 0
  for (const step of [...CHECKLIST, ...RUN_STEPS, ...AGREEMENT])
    if (!(await runStep(step, subject))) failed++
  say(failed === 0 ? 'Everything passed.' : `${failed} failed.`)
  return failed === 0 ? 0 : 1
}

async function runStep({ name, run }: Step, subject: Subject): Promise<boolean> {
  const startedAt = performance.now()
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`
  try {
    const remark = await run(subject)
    say(`ok    ${name} (${[seconds(), remark].filter(Boolean).join(', ')})`)
    return true
  } catch (error) {
    say(`FAIL  ${name} (${seconds()})\n${messageOf(error).replace(/^/gm, '        ')}`)
    return false
  }
}
