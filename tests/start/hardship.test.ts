import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { buildIfChanged } from '../../scripts/build.ts'
import { copyOfRepository, emptyFolder } from '../support/start/folders.ts'
import {
  allGone,
  descendants,
  endAfterwards,
  started,
  startAndFail,
} from '../support/start/servers.ts'

beforeAll(() => buildIfChanged(() => undefined), 120_000)

const DEMO = { PORCHLIGHT_DEMO: '1' }
const lives = async (url: string) => (await fetch(`${url}/healthz`)).ok

describe('the data folder', () => {
  test('a data folder in use is refused by name, and is free again when its server ends', async () => {
    const PORCHLIGHT_DATA = emptyFolder()
    const first = await started({ ...DEMO, PORCHLIGHT_DATA })
    const { status, stderr } = startAndFail({ PORCHLIGHT_DATA })
    expect([status, stderr]).toEqual([1, expect.stringContaining(`${PORCHLIGHT_DATA}, is in use`)])
    expect(stderr).toContain(`process ${first.pid}`)
    process.kill(first.pid, 'SIGKILL')
    await allGone([first.pid])
    expect(await lives((await started({ ...DEMO, PORCHLIGHT_DATA })).url)).toBe(true)
  })

  test('a server uses the next data folder if the default one is in use', async () => {
    await started({ ...DEMO, PORCHLIGHT_DATA: '' })
    const second = await started({ ...DEMO, PORCHLIGHT_DATA: '' })
    expect(second.said()).toMatch(/The folder \.porchlight is in use .*\.porchlight-\d+/)
    expect(await lives(second.url)).toBe(true)
  })

  test('a file in place of the data folder ends the start with a sentence', () => {
    const file = join(emptyFolder(), 'data')
    writeFileSync(file, '')
    expect(startAndFail({ PORCHLIGHT_DATA: file })).toEqual({
      status: 1,
      stderr: expect.stringContaining(`${file}, is not a folder`) as string,
    })
  })

  test('a data folder that cannot be created ends the start with a sentence', () => {
    const { status, stderr } = startAndFail({ PORCHLIGHT_DATA: '/proc/porchlight' })
    expect([status, stderr]).toEqual([1, expect.stringContaining('cannot be written to')])
    expect(stderr).not.toMatch(/^\s+at /m)
  })
})

describe('accidents of a running server', () => {
  test('a server that is killed with SIGKILL leaves no process behind', async () => {
    const server = await started(DEMO)
    const all = [server.pid, ...descendants(server.pid)]
    expect(all.length).toBeGreaterThan(2)
    process.kill(server.pid, 'SIGKILL')
    await allGone(all)
    await expect(fetch(server.url)).rejects.toThrow()
  })

  test('standard output stays one line when the runtime logs an error', async () => {
    const server = await started(DEMO)
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    endAfterwards(() => socket.destroy())
    socket.write('CONNECT elsewhere:80 HTTP/1.1\r\nHost: elsewhere:80\r\n\r\n')
    await vi.waitFor(() => expect(server.said()).toContain('connect'))
    expect(server.printed().trim().split('\n')).toHaveLength(1)
  })

  test('no requested path is logged', async () => {
    const server = await started(DEMO)
    expect((await fetch(`${server.url}/canary-7391`)).status).toBe(404)
    await fetch(`${server.url}/api/canary-7391`)
    expect(server.said() + server.printed()).not.toContain('canary-7391')
  })

  test('invalid settings are reported without their values', async () => {
    const server = await started({ ...DEMO, PUBLIC_STATUS: 'open', OWNER_KEY_HASH: 'my key' })
    expect(server.said()).toContain('PUBLIC_STATUS is none of')
    expect(server.said()).toContain('OWNER_KEY_HASH is not')
    expect(server.said()).not.toContain('my key')
    expect((await fetch(`${server.url}/api/health`)).status).toBe(401)
  })
})

describe('builds', () => {
  test('two starts at once build once, and a later build disturbs neither', async () => {
    const { folder, change } = copyOfRepository()
    const [one, two] = await Promise.all([started(DEMO, [], folder), started(DEMO, [], folder)])
    const builds = [one, two].filter((server) => server.said().includes('Building page and Worker'))
    expect(builds).toHaveLength(1)
    const page = await (await fetch(`${one.url}/llm-test`)).text()
    change('src/routes/llm-test/Ready.svelte', (text) => text.replaceAll('Checking', 'Looking'))
    const three = await started(DEMO, [], folder)
    expect(await (await fetch(`${three.url}/llm-test`)).text()).toContain('Looking')
    for (const { url } of [one, two]) {
      expect(await (await fetch(`${url}/llm-test`)).text()).toBe(page)
      for (const [, path = ''] of page.matchAll(/"\.?(\/_app\/[^"]+)"/g)) {
        expect([path, (await fetch(`${url}${path}`)).status]).toEqual([path, 200])
      }
    }
  }, 120_000)

  test('SIGTERM during a build ends every process within 5 s', async () => {
    const { folder } = copyOfRepository()
    const child = spawn(process.execPath, ['scripts/start.mjs', '--json', '--demo'], {
      cwd: folder,
      env: { ...process.env, PORT: '0' },
    })
    const pid = child.pid ?? 0
    await new Promise<void>((resolve) =>
      child.stderr.on('data', (chunk: Buffer) => chunk.includes('Building') && resolve()),
    )
    await vi.waitFor(() => expect(descendants(pid).length).toBeGreaterThan(1), 3000)
    const all = [pid, ...descendants(pid)]
    child.kill('SIGTERM')
    await allGone(all)
  })
})
