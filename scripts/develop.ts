import { spawn, type ChildProcess } from 'node:child_process'
import { buildPage } from './build.ts'
import { findHome } from './find-home.ts'
import { freePort } from './port.ts'
import { readVariables } from './settings.ts'
import { binOf } from './tool.ts'

const say = (text: string) => process.stdout.write(`${text}\n`)
const children: ChildProcess[] = []

// The Worker wraps SvelteKit's built server, so it needs a build; Vite serves the pages themselves.
await buildPage(say)
const variables = readVariables(process.env)
const home = await findHome(variables, !variables.OLLAMA_URL)
// Chosen here and not by Wrangler, because the page's proxy must know it.
const port = await freePort()

run('wrangler', [
  'dev',
  '--port',
  String(port),
  '--inspector-port',
  '0',
  '--persist-to',
  '.porchlight/dev',
  ...bindings(),
])
run('vite', ['dev'], { PORCHLIGHT_API: `http://localhost:${port}` })
say(home.description)

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0))

function bindings(): string[] {
  const all = { ...variables, OLLAMA_URL: home.url, DEMO: home.demo ? '1' : '' }
  return Object.entries(all).flatMap(([name, value]) =>
    value ? ['--var', `${name}:${value}`] : [],
  )
}

function run(tool: string, args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [binOf(tool), ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', ...env },
  })
  children.push(child)
  // One without the other is useless.
  child.once('exit', (code) => void end(code ?? 1))
}

let isEnding = false
async function end(code: number) {
  if (isEnding) return
  isEnding = true
  for (const child of children) child.kill('SIGTERM')
  await home.stop()
  setTimeout(() => process.exit(code), 1500).unref()
}
