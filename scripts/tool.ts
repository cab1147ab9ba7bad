import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Runs a tool to its end, or until `signal`. Throws the tool's output if it fails. */
export async function runTool(tool: string, args: string[], signal?: AbortSignal) {
  const child = spawn(process.execPath, [binOf(tool), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', NO_COLOR: '1', CI: '1' },
    signal,
    killSignal: 'SIGKILL',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`${tool} ${args.join(' ')} failed:\n${output}`)
}

/** The script behind a tool's command, so that this Node runs it and not the Node in the PATH. */
export function binOf(tool: string): string {
  const { bin } = JSON.parse(readFileSync(`node_modules/${tool}/package.json`, 'utf8')) as {
    bin: string | Record<string, string>
  }
  const script = typeof bin === 'string' ? bin : bin[tool]
  if (script === undefined) throw new Error(`${tool} has no command of the same name`)
  return join('node_modules', tool, script)
}
