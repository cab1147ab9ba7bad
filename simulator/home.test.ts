import { execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { STORY, getJson, post, until } from './ask-home.ts'
import { FAULT_NAMES } from './faults.ts'
import { startHome } from './home.ts'
import type { Home, HomeOptions } from './home.ts'
import { DEMO_MODELS, OTHER_MODELS } from './models.ts'

const run = promisify(execFile)
const CLI = join(import.meta.dirname, 'cli.ts')
const LONG_LOAD_MS = 60_000

let home: Home
afterEach(() => home.stop())

async function start(options: HomeOptions = {}): Promise<Home> {
  home = await startHome({ loadMs: 1, tokensPerSecond: 20_000, ...options })
  return home
}

describe('control plane', () => {
  const send = (method: string, path: string, body?: unknown) =>
    fetch(home.control + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })

  test('the control plane of the simulator lists, sets and ends faults', async () => {
    await start()
    expect(Object.keys(await getJson<object>(`${home.control}/faults`))).toEqual(FAULT_NAMES)
    expect((await send('PUT', '/fault', { name: 'empty_ok' })).status).toBe(200)
    expect(await getJson(`${home.control}/fault`)).toEqual({
      name: 'empty_ok',
      settings: { OLLAMA_URL: home.url },
    })
    expect(await (await fetch(home.url)).text()).toBe('')
    await send('DELETE', '/fault')
    expect(await (await fetch(home.url)).text()).toBe('Ollama is running')
  })

  test('the control plane of the simulator rejects unknown faults, models and routes', async () => {
    await start()
    expect((await send('PUT', '/fault', { name: 'gremlins' })).status).toBe(400)
    expect((await send('PUT', '/models', [{ name: 'half' }])).status).toBe(400)
    expect((await send('PUT', '/nonsense')).status).toBe(404)
  })

  test('the control plane of the simulator replaces models, lists and clears the requests, and resets everything', async () => {
    await start()
    await send('PUT', '/models', OTHER_MODELS)
    expect(await (await fetch(`${home.url}/api/tags`)).text()).toContain('qwen3:0.6b')
    expect(await getJson(`${home.control}/asked`)).toMatchObject([
      { method: 'GET', path: '/api/tags', endedBy: 'answered' },
    ])
    await send('DELETE', '/asked')
    expect(home.asked()).toEqual([])
    await send('POST', '/reset')
    expect(home.models.map(({ name }) => name)).toEqual(DEMO_MODELS.map(({ name }) => name))
  })
})

describe('command line and shutdown', () => {
  test('a stopped simulator leaves no socket or port open, even in the middle of a generation and a load', async () => {
    await start({ tokensPerSecond: 5, loadMs: LONG_LOAD_MS })
    const waiting = [
      post(home, '/api/generate', STORY),
      post(home, '/api/generate', { model: 'mistral' }),
    ].map((answer) => answer.then((got) => got.text()).catch(() => 'cut'))
    await until(() => home.asked().length === 2)
    await home.stop()
    expect(await Promise.all(waiting)).toEqual(['cut', 'cut'])
    await expect(fetch(home.url)).rejects.toThrow()
    await expect(fetch(home.control)).rejects.toThrow()
  })

  test('the simulator on the command line exits with code 0 after SIGTERM', async () => {
    await start()
    const child = spawn(process.execPath, [CLI, 'slow'])
    const printed: Buffer[] = []
    child.stdout.on('data', (part: Buffer) => printed.push(part))
    await until(() => Buffer.concat(printed).includes('See requests'), 5000)
    expect(Buffer.concat(printed).toString()).toMatch(
      /The home answers at http:\/\/127\.0\.0\.1:\d+\n/,
    )
    const code = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    expect(await code).toBe(0)
  })

  test('the simulator on the command line explains an unknown fault', async () => {
    await start()
    const failed = await run(process.execPath, [CLI, 'gremlins']).catch((error: unknown) => error)
    expect(failed).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('queue_full') as string,
    })
    expect((await run(process.execPath, [CLI, '--help'])).stdout).toContain('stream_stalls')
  })
})
