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
  /** Everything it has written to standard error. */
  said: () => string
  /** Everything it has written to standard output. */
  printed: () => string
  stop: () => Promise<void>
}

const START_TIMEOUT_MS = 100_000

/** Starts the local server as a script does: a free port, its own database, one line of JSON on standard output. */
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
  let errors = ''
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const line = await Promise.race([firstLine(child), ended.then(() => null), timeout()])
  if (line === null) throw new Error(`the server did not start: ${errors}`)
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(data, { recursive: true, force: true })
  }
  const served = JSON.parse(line) as Pick<Served, 'url' | 'home' | 'demo' | 'pid'>
  return { ...served, child, said: () => errors, printed: () => printed, stop }
}

const timeout = () =>
  new Promise<null>((resolve) => setTimeout(() => resolve(null), START_TIMEOUT_MS).unref())

const firstLine = (child: ChildProcess) =>
  new Promise<string>((resolve) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')))
    })
  })
