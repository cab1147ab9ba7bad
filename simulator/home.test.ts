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

describe('the control plane', () => {
  const send = (method: string, path: string, body?: unknown) =>
    fetch(home.control + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })

  test('lists, sets and ends faults', async () => {
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

  test('refuses a fault and models it does not know', async () => {
    await start()
    expect((await send('PUT', '/fault', { name: 'gremlins' })).status).toBe(400)
    expect((await send('PUT', '/models', [{ name: 'half' }])).status).toBe(400)
    expect((await send('PUT', '/nonsense')).status).toBe(404)
  })

  test('replaces models, tells and forgets what was asked, and puts everything back', async () => {
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

describe('the end', () => {
  test('leaves no socket open and no port taken, whatever is still going on', async () => {
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

  test('lets the process of the command line exit', async () => {
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

  test('comes with an explanation for a fault that does not exist', async () => {
    await start()
    const failed = await run(process.execPath, [CLI, 'gremlins']).catch((error: unknown) => error)
    expect(failed).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('queue_full') as string,
    })
    expect((await run(process.execPath, [CLI, '--help'])).stdout).toContain('stream_stalls')
  })
})
