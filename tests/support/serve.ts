import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Served {
  url: string
  home: string
  demo: boolean
  pid: number
  child: ChildProcess
  /** Everything it has said on standard error. */
  said: () => string
  /** Everything it has written to standard output. */
  printed: () => string
  stop: () => Promise<void>
}

const START_WITHIN_MS = 45_000

/** Starts the local server as a script would: a free port, a database of its own, one line of JSON to read. */
export async function serve(
  env: Record<string, string>,
  args: string[] = [],
  cwd = '.',
): Promise<Served> {
  const data = mkdtempSync(join(tmpdir(), 'porchlight-'))
  const clean = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' }
  const child = spawn(process.execPath, ['scripts/start.mjs', '--json', ...args], {
    cwd,
    env: { ...clean, PORT: '0', PORCHLIGHT_DATA: data, ...env },
  })
  let said = ''
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const line = await Promise.race([firstLine(child), ended.then(() => null), late()])
  if (line === null) throw new Error(`the server did not start: ${said}`)
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(data, { recursive: true, force: true })
  }
  const told = JSON.parse(line) as Pick<Served, 'url' | 'home' | 'demo' | 'pid'>
  return { ...told, child, said: () => said, printed: () => printed, stop }
}

const late = () =>
  new Promise<null>((resolve) => setTimeout(() => resolve(null), START_WITHIN_MS).unref())

const firstLine = (child: ChildProcess) =>
  new Promise<string>((resolve) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')))
    })
  })
