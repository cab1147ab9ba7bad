import { spawnSync } from 'node:child_process'
import { afterEach, expect, vi } from 'vitest'
import { startHome, type Home } from '../../../simulator/home.ts'
import { serve, type Served } from '../serve.ts'

const ending: (() => unknown)[] = []

afterEach(async () => {
  for (const stop of ending.splice(0).reverse()) await stop()
})

export const endAfterwards = (stop: () => unknown) => void ending.push(stop)

export async function started(
  env: Record<string, string>,
  args?: string[],
  cwd?: string,
): Promise<Served> {
  const server = await serve(env, args, cwd)
  endAfterwards(server.stop)
  return server
}

export async function home(): Promise<Home> {
  const one = await startHome()
  endAfterwards(() => one.stop())
  return one
}

/** A start that must fail. */
export function startAndFail(env: Record<string, string>) {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/start.mjs', '--json'], {
    env: { ...process.env, PORT: '0', PORCHLIGHT_DEMO: '1', ...env },
    encoding: 'utf8',
  })
  return { status, stderr }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

export { descendants } from '../processes.ts'

/** Within the promised 5 s. */
export const allGone = (pids: number[]) =>
  vi.waitFor(() => expect(pids.filter(isAlive).filter((pid) => !isDefunct(pid))).toEqual([]), {
    timeout: 5000,
    interval: 100,
  })

/** A process that ended but is not collected by its parent yet. */
function isDefunct(pid: number): boolean {
  return spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
    .stdout.trim()
    .startsWith('Z')
}
