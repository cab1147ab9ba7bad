import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { History, Watch } from '../../src/lib/contract/history.ts'
import { buildIfChanged } from '../../scripts/build.ts'
import {
  allGone,
  descendants,
  endAfterwards,
  home,
  isAlive,
  started,
} from '../support/start/servers.ts'

beforeAll(() => buildIfChanged(() => undefined), 120_000)

async function listenSomewhere(): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endAfterwards(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return { server, port: (server.address() as AddressInfo).port }
}

/** `fetch` does not allow another Host header. */
const statusAs = (host: string, port: number, path: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, headers: { Host: host } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).once('error', reject)
  })

describe('npm start --json', () => {
  test('npm start --json prints one line of JSON, and sentences on standard error', async () => {
    const { url: homeUrl } = await home()
    const server = await started({ OLLAMA_URL: homeUrl })
    expect(server).toMatchObject({ home: homeUrl, demo: false })
    expect(server.url).toMatch(/^http:\/\/localhost:\d+$/)
    expect(server.said()).toContain('from OLLAMA_URL')
    expect(await (await fetch(`${server.url}/healthz`)).json()).toEqual({ status: 'pass' })
    expect(isAlive(server.pid)).toBe(true)
  })

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s ends every started process within 5 s',
    async (signal) => {
      const server = await started({ PORCHLIGHT_DEMO: '1' })
      const all = [server.pid, ...descendants(server.pid)]
      expect(all.length).toBeGreaterThan(1)
      process.kill(server.pid, signal)
      await allGone(all)
      await expect(fetch(server.url)).rejects.toThrow()
    },
  )

  test('a PORT that is taken ends the start with a sentence', async () => {
    const { port } = await listenSomewhere()
    const { status, stderr } = spawnSync(process.execPath, ['scripts/start.mjs', '--json'], {
      env: { ...process.env, PORT: String(port), PORCHLIGHT_DEMO: '1' },
      encoding: 'utf8',
    })
    expect(status).not.toBe(0)
    expect(stderr).toContain(`Port ${port} is taken`)
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  test.each(['lots', '-1', '70000', '80x', '0x50', '1e3', '80.0', ' '])(
    'PORT=%s is refused with a sentence',
    (PORT) => {
      const { status, stderr } = spawnSync(process.execPath, ['scripts/start.mjs', '--json'], {
        env: { ...process.env, PORT },
        encoding: 'utf8',
      })
      expect([status, stderr]).toEqual([1, expect.stringContaining('is not a port')])
    },
  )

  test('two servers run side by side, each with its own database', async () => {
    const [one, two] = [await home(), await home()]
    const servers = [await started({ OLLAMA_URL: one.url }), await started({ OLLAMA_URL: two.url })]
    await two.setFault('cloudflared_offline')
    const causes = await Promise.all(
      servers.map(
        async ({ url }) =>
          (await (await fetch(`${url}/api/health?fresh=1&code=200`)).json()) as { cause: string },
      ),
    )
    expect(causes.map(({ cause }) => cause)).toEqual(['ok', 'tunnel_down'])
  })

  test('a server checks its home soon after the start, and a new address on old data has its own history', async () => {
    const [one, two] = [await home(), await home()]
    const data = mkdtempSync(join(tmpdir(), 'porchlight-'))
    endAfterwards(() => rmSync(data, { recursive: true, force: true }))
    for (const { url: OLLAMA_URL } of [one, two]) {
      const server = await started({ OLLAMA_URL, PORCHLIGHT_DATA: data })
      const began = Date.now()
      const watched = await vi.waitFor(
        async () => {
          const watch = (await (await fetch(`${server.url}/api/monitor`)).json()) as Watch
          expect(watch).toMatchObject({ phase: 'up', late: false })
          return watch
        },
        { timeout: 10_000, interval: 200 },
      )
      expect(Date.parse(watched.since ?? '')).toBeGreaterThan(began - 60_000)
      const { state } = (await (
        await fetch(`${server.url}/api/history?res=minute`)
      ).json()) as History
      expect(state.filter((minute) => minute !== null).length).toBeOneOf([1, 2])
      await server.stop()
      expect(server.said()).not.toContain('failed to run')
    }
  })

  test('SIGTERM during a check that hangs ends every process within 5 s', async () => {
    const broken = await home()
    await broken.setFault('hang')
    const server = await started({ OLLAMA_URL: broken.url })
    await vi.waitFor(() => expect(broken.asked().length).toBeGreaterThan(0), { timeout: 5000 })
    const all = [server.pid, ...descendants(server.pid)]
    process.kill(server.pid, 'SIGTERM')
    await allGone(all)
  })

  test('a server starts with a malformed OLLAMA_URL', async () => {
    const server = await started({ OLLAMA_URL: 'localhost:11434' })
    const health = (await (await fetch(`${server.url}/api/health?code=200`)).json()) as {
      cause: string
      reason: string
    }
    expect(health).toMatchObject({ cause: 'not_configured', reason: 'url_without_scheme' })
  })

  test('PORCHLIGHT_DEMO starts the demo home even if OLLAMA_URL is set', async () => {
    const server = await started({ PORCHLIGHT_DEMO: '1', OLLAMA_URL: 'http://127.0.0.1:9' })
    expect(server.demo).toBe(true)
    const { models } = (await (await fetch(`${server.url}/api/llm/models`)).json()) as {
      models: { name: string }[]
    }
    expect(models.map(({ name }) => name)).toEqual([
      'llama3.2:latest',
      'mistral:latest',
      'codellama:7b',
    ])
  })

  test('a local host name is resolved by this machine', async () => {
    const { url } = await home()
    const server = await started({ OLLAMA_URL: url.replace('127.0.0.1', 'localhost') })
    expect(await (await fetch(`${server.url}/api/health?fresh=1&code=200`)).json()).toMatchObject({
      cause: 'ok',
    })
    const lost = await started({ OLLAMA_URL: 'http://ollama:11434' })
    const health = (await (await fetch(`${lost.url}/api/health?fresh=1&code=200`)).json()) as {
      cause: string
      summary: string
    }
    expect(health.cause).toBe('dns_failure')
  })

  test('every file of the page is served to this machine’s names only', async () => {
    const server = await started({ PORCHLIGHT_DEMO: '1' })
    const { port } = new URL(server.url)
    for (const path of ['/', '/llm-test', '/theme.js', '/api/health']) {
      expect([path, await statusAs('evil.example', Number(port), path)]).toEqual([path, 403])
    }
  })

  test('pages have a content security policy and only scripts that it allows', async () => {
    const server = await started({ PORCHLIGHT_DEMO: '1' })
    const page = await (await fetch(`${server.url}/llm-test`)).text()
    expect(page).toContain('http-equiv="content-security-policy"')
    expect(page).toContain("require-trusted-types-for 'script'")
    const { headers } = await fetch(`${server.url}/llm-test`)
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  })
})

describe('npm start in a terminal', () => {
  test('Ctrl-C in npm leaves no process behind', async () => {
    const child = spawn('npm', ['start', '--silent', '--', '--json', '--demo'], {
      env: { ...process.env, PORT: '0' },
      detached: true,
    })
    const line = await new Promise<string>((resolve) =>
      child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
    )
    const { url, pid } = JSON.parse(line) as { url: string; pid: number }
    const all = [child.pid ?? 0, pid, ...descendants(pid)]
    // A terminal sends the signal to the whole group.
    process.kill(-(child.pid ?? 0), 'SIGINT')
    await allGone(all)
    await expect(fetch(url)).rejects.toThrow()
  })

  test('SIGTERM to npm alone leaves no process behind', async () => {
    const child = spawn('npm', ['start', '--silent', '--', '--json', '--demo'], {
      env: { ...process.env, PORT: '0' },
    })
    const line = await new Promise<string>((resolve) =>
      child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
    )
    const { pid } = JSON.parse(line) as { pid: number }
    const all = [pid, ...descendants(pid)]
    child.kill('SIGTERM')
    await allGone(all)
  })
})
