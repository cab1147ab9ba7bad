/** The checklist against a real Ollama: the one of `OLLAMA_URL`, else that of this machine. Without one it is skipped. */
import { AGREEMENT } from '../tests/support/home/agreement.ts'
import { CHECKLIST, type Step, type Subject } from '../tests/support/home/checklist.ts'
import { RUN_STEPS } from '../tests/support/home/runs.ts'
import { chooseModel, ollamaOf, versionOf, type Ollama } from '../tests/support/home/ollama.ts'
import { serve } from '../tests/support/serve.ts'
import { readConfig } from '../worker/config.ts'
import { readVariables } from './settings.ts'

const USUAL_OLLAMA = 'http://127.0.0.1:11434'

const say = (line: string) => process.stdout.write(`${line}\n`)
const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

const variables = readVariables(process.env)
const url = variables.OLLAMA_URL ?? USUAL_OLLAMA
const config = readConfig({ ...variables, OLLAMA_URL: url })
const home = ollamaOf(config)
const version = home && (await versionOf(home).catch(() => null))

if (home && version !== null) process.exitCode = await testHome(home, version).catch(giveUp)
else skip()

function giveUp(error: unknown): number {
  say(`FAIL  ${wordsOf(error)}`)
  return 1
}

/** A workflow that names a home must not pass because the home is away. */
function skip() {
  const isExpected = Boolean(process.env.OLLAMA_URL?.trim()) && process.env.CI === 'true'
  say(
    `${isExpected ? 'FAIL ' : 'Skipped:'} no Ollama answers at ${url}, so there is no real home to test.`,
  )
  process.exitCode = isExpected ? 1 : 0
}

async function testHome(home: Ollama, version: string): Promise<number> {
  const model = await chooseModel(home, config.wanted[0])
  say(`Home: Ollama ${version} at ${home.url}, model ${model}`)
  const server = await serve({ ...variables, OLLAMA_URL: home.url })
  try {
    return await takeSteps({ server: server.url, home, model })
  } finally {
    await server.stop()
  }
}

async function takeSteps(subject: Subject): Promise<number> {
  let failed = 0
  for (const step of [...CHECKLIST, ...RUN_STEPS, ...AGREEMENT])
    if (!(await take(step, subject))) failed++
  say(failed === 0 ? 'All is well.' : `${failed} failed.`)
  return failed === 0 ? 0 : 1
}

async function take({ name, run }: Step, subject: Subject): Promise<boolean> {
  const startedAt = performance.now()
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`
  try {
    const remark = await run(subject)
    say(`ok    ${name} (${[seconds(), remark].filter(Boolean).join(', ')})`)
    return true
  } catch (error) {
    say(`FAIL  ${name} (${seconds()})\n${wordsOf(error).replace(/^/gm, '        ')}`)
    return false
  }
}
