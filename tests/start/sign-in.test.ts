import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildIfChanged } from '../../scripts/build.ts'
import { emptyFolder } from '../support/start/folders.ts'
import { allGone, descendants, started } from '../support/start/servers.ts'

beforeAll(() => buildIfChanged(() => undefined), 120_000)

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** Runs the script in its own folder, so that it does not write into this one. */
function setUp(folder: string, args: string[] = [], env: Record<string, string> = {}) {
  for (const name of ['scripts', 'worker', 'src', 'node_modules', 'wrangler.toml']) {
    if (!existsSync(join(folder, name))) symlinkSync(resolve(name), join(folder, name))
  }
  // Without the credentials of the user who runs the tests.
  const home = join(folder, 'home')
  mkdirSync(home, { recursive: true })
  return spawnSync(process.execPath, ['scripts/setup.ts', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', HOME: home, XDG_CONFIG_HOME: home, CI: '1', ...env },
  })
}

const keyIn = (text: string) => /^ {2}([\w-]{43})$/m.exec(text)?.[1] ?? ''

describe('npm run setup', () => {
  test('npm run setup shows the key once, as text and QR code, and stores only its hash', () => {
    const folder = emptyFolder()
    const file = join(folder, '.dev.vars')
    writeFileSync(file, '# mine\nOLLAMA_URL=https://a.example\nOWNER_KEY_HASH=\n')
    const { status, stdout } = setUp(folder)
    const key = keyIn(stdout)
    expect(status).toBe(0)
    expect(Buffer.from(key, 'base64url')).toHaveLength(32)
    expect(stdout).toMatch(/[█▀▄]{10}/)
    expect(readFileSync(file, 'utf8')).toBe(
      `# mine\nOLLAMA_URL=https://a.example\nOWNER_KEY_HASH=${sha256(key)}\n`,
    )
    expect(statSync(file).mode & 0o077).toBe(0)
  })

  test('npm run setup replaces a key only with --yes', () => {
    const folder = emptyFolder()
    setUp(folder)
    const before = readFileSync(join(folder, '.dev.vars'), 'utf8')
    const again = setUp(folder)
    expect(again.status).toBe(1)
    expect(again.stdout).toContain('signs out every device')
    expect(keyIn(again.stdout)).toBe('')
    expect(readFileSync(join(folder, '.dev.vars'), 'utf8')).toBe(before)
    const replaced = setUp(folder, ['--yes'])
    expect(readFileSync(join(folder, '.dev.vars'), 'utf8')).toBe(
      `OWNER_KEY_HASH=${sha256(keyIn(replaced.stdout))}\n`,
    )
  })

  test('npm run setup --env explains that Wrangler is not signed in, and shows no key', () => {
    const { status, stdout, stderr } = setUp(emptyFolder(), ['--env', 'staging'])
    expect(status).toBe(1)
    expect(stderr).toContain('npx wrangler login')
    expect(keyIn(stdout)).toBe('')
  })

  test('npm run setup rejects an unknown environment', () => {
    const { status, stderr } = setUp(emptyFolder(), ['--env', 'prod'])
    expect([status, stderr]).toEqual([1, expect.stringContaining('--env production')])
  })
})

describe('npm start with an owner key', () => {
  const KEY = 'k'.repeat(43)

  test('npm start with an owner key prints a link that signs in once', async () => {
    const server = await started({ PORCHLIGHT_DEMO: '1', OWNER_KEY_HASH: sha256(KEY) })
    const { signIn = '' } = JSON.parse(server.printed()) as { signIn?: string }
    expect(signIn).toMatch(new RegExp(`^${server.url}/sign-in#[\\w-]{22}$`))
    expect(server.said()).toContain(signIn)
    const enter = async (shown: object) =>
      fetch(`${server.url}/api/session`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(shown),
      })
    expect((await fetch(`${server.url}/api/llm/models`)).status).toBe(401)
    expect((await enter({ code: new URL(signIn).hash.slice(1) })).status).toBe(204)
    expect((await enter({ code: new URL(signIn).hash.slice(1) })).status).toBe(401)
    expect((await enter({ key: KEY })).status).toBe(204)
  })

  test('npm start without an owner key prints no sign-in link', async () => {
    const server = await started({ PORCHLIGHT_DEMO: '1' })
    expect(JSON.parse(server.printed())).not.toHaveProperty('signIn')
  })
})

describe('npm start -- --lan', () => {
  /** 127.0.0.2 stands for an address in the network: only the network listener uses it. */
  async function inNetwork() {
    const server = await started({ PORCHLIGHT_DEMO: '1' }, ['--lan=127.0.0.2'])
    const { signIn = '' } = JSON.parse(server.printed()) as { signIn?: string }
    const { origin, hash } = new URL(signIn)
    return { server, origin, code: hash.slice(1) }
  }

  test('with --lan the network signs in with a code, and this machine needs none', async () => {
    const { server, origin, code } = await inNetwork()
    expect(server.said()).toContain('not encrypted')
    expect((await fetch(`${server.url}/api/llm/models`)).status).toBe(200)
    expect((await fetch(`${origin}/api/llm/models`)).status).toBe(401)
    const entered = await fetch(`${origin}/api/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: origin },
      body: JSON.stringify({ code }),
    })
    const [cookie = ''] = (entered.headers.get('set-cookie') ?? '').split(';')
    expect(entered.headers.get('set-cookie')).not.toMatch(/secure|__Host-/i)
    const models = await fetch(`${origin}/api/llm/models`, {
      headers: { Cookie: cookie, 'X-Porchlight': 'page' },
    })
    expect(models.status).toBe(200)
  })

  test.each([
    ['CF-Connecting-IP', '127.0.0.1'],
    ['X-Forwarded-For', '127.0.0.1'],
    ['X-Real-IP', '127.0.0.1'],
    ['Forwarded', 'for=127.0.0.1'],
    ['MF-Original-URL', 'http://localhost/api/llm/models'],
    ['Connection', 'X-Forwarded-For'],
    ['Host', 'localhost'],
  ])('a network client does not become the owner by sending %s: %s', async (name, value) => {
    const { server, origin } = await inNetwork()
    const said = name === 'Host' ? `localhost:${new URL(server.url).port}` : value
    expect(await statusAt(origin, { [name]: said })).toBe(401)
  })

  test('a network host name is accepted only by the network listener', async () => {
    const { server, origin } = await inNetwork()
    const { host } = new URL(origin)
    expect(await statusAt(server.url.replace('localhost', '127.0.0.1'), { Host: host })).toBe(403)
    expect(await statusAt(origin, { Host: 'evil.example' })).toBe(403)
  })

  test('the network listener ends with the server', async () => {
    const { server, origin } = await inNetwork()
    const all = [server.pid, ...descendants(server.pid)]
    const page = await fetch(`${origin}/sign-in`)
    expect(page.status).toBe(200)
    process.kill(server.pid, 'SIGTERM')
    await allGone(all)
    await expect(fetch(`${origin}/healthz`)).rejects.toThrow()
  })
})

/** `fetch` does not allow another Host header. */
const statusAt = (origin: string, headers: Record<string, string>) =>
  new Promise<number | undefined>((resolve, reject) => {
    const { hostname: host, port } = new URL(origin)
    get({ host, port, path: '/api/llm/models', headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).once('error', reject)
  })
