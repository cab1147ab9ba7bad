import { chmodSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { folder, freePort, run, start, until, type Program } from './programs.ts'

/** sshd as root keeps its unprivileged half in here; the package makes it only when its service starts. */
const EMPTY = '/run/sshd'

const SETTINGS = `
ListenAddress 127.0.0.1
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
PidFile none
LogLevel ERROR
`

export interface Sshd {
  /** A client at home that carries `from`, a port here, to `to`, a port at home. */
  forward: (from: number, to: number) => Promise<Program>
  stop: () => Promise<void>
}

/** An sshd as an ordinary process, with keys that are thrown away. */
export async function startSshd(): Promise<Sshd> {
  const { path, remove } = folder()
  const at = (name: string) => join(path, name)
  for (const name of ['host', 'me'])
    run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)])
  chmodSync(path, 0o700)
  writeFileSync(at('authorized'), readFileSync(at('me.pub')))
  const port = await freePort()
  writeFileSync(
    at('sshd'),
    `Port ${port}\nHostKey ${at('host')}\nAuthorizedKeysFile ${at('authorized')}\n${SETTINGS}`,
  )
  const isOurs = process.getuid?.() === 0 && !existsSync(EMPTY)
  if (isOurs) mkdirSync(EMPTY, { mode: 0o755 })
  // sshd wants to be called by its whole path.
  const server = start(run('/bin/sh', ['-c', 'command -v sshd']).trim(), [
    '-D',
    '-e',
    '-f',
    at('sshd'),
  ])
  await until(port, true, server)
  const forward = async (from: number, to: number) => {
    const options = [
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'ExitOnForwardFailure=yes',
      'LogLevel=ERROR',
    ]
    const client = start('ssh', [
      ...['-F', '/dev/null', '-N', '-i', at('me'), '-p', String(port)],
      ...options.flatMap((option) => ['-o', option]),
      ...['-R', `127.0.0.1:${from}:127.0.0.1:${to}`, `${userInfo().username}@127.0.0.1`],
    ])
    await until(from, true, client)
    const stop = async () => {
      await client.stop()
      await until(from, false)
    }
    return { ...client, stop }
  }
  const stop = async () => {
    await server.stop('SIGTERM')
    if (isOurs) rmdirSync(EMPTY)
    remove()
  }
  return { forward, stop }
}
