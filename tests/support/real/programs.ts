import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { onTestFinished, type TestContext } from 'vitest'

/** Debian keeps servers in folders that are not in an ordinary user's PATH. */
const PATH = [process.env.PATH, '/usr/sbin', '/sbin', '/usr/local/sbin'].join(delimiter)

const isInstalled = (program: string) =>
  spawnSync('/bin/sh', ['-c', 'command -v "$0"', program], { env: { ...process.env, PATH } })
    .status === 0

/** Skips a test whose program is not installed. In CI it fails instead. */
export function need(context: TestContext, ...programs: string[]) {
  const missing = programs.filter((program) => !isInstalled(program))
  if (missing.length === 0) return
  const sentence = `${missing.join(' and ')} not found on this machine, so this test cannot run.`
  if (process.env.CI) throw new Error(sentence)
  context.skip(sentence)
}

/** A new folder and the function that deletes it. */
export function folder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'porchlight-real-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export interface Program {
  child: ChildProcess
  said: () => string
  /** SIGKILL by default: most of these programs otherwise wait for their connections. */
  stop: (signal?: NodeJS.Signals) => Promise<void>
}

interface Surroundings {
  cwd?: string
  env?: Record<string, string>
}

/** Starts a real program. `stop` ends it. */
export function start(
  program: string,
  args: readonly string[],
  { cwd, env }: Surroundings = {},
): Program {
  const child = spawn(program, args, {
    env: { ...process.env, PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd ? { cwd } : {}),
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => resolve()).once('error', () => resolve()),
  )
  const stop = async (signal: NodeJS.Signals = 'SIGKILL') => {
    child.kill(signal)
    await ended
  }
  return { child, said: () => said, stop }
}

/** Runs a program to its end. */
export function run(
  program: string,
  args: readonly string[],
  { cwd, env }: Surroundings = {},
): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH, ...env },
    ...(cwd ? { cwd } : {}),
  })
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')} failed: ${error?.message ?? stderr}`)
  return stdout
}

/** A port that was free a moment ago: these programs cannot choose one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const isOpen = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (open: boolean) => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => end(true)).once('error', () => end(false))
  })

const TRIES = 200
const BETWEEN_MS = 25

/** Waits until the port accepts connections, or until it no longer does. */
export async function until(port: number, open = true, program?: Program) {
  for (let left = TRIES; left > 0; left--) {
    if ((await isOpen(port)) === open) return
    if (program?.child.exitCode != null) break
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS))
  }
  throw new Error(`port ${port} ${open ? 'never opened' : 'stayed open'}: ${program?.said() ?? ''}`)
}

/** Ends with the test. */
export function forThisTest<T extends { stop: () => Promise<void> | void }>(one: T): T {
  onTestFinished(async () => {
    await one.stop()
  })
  return one
}
