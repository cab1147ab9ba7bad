import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { folder, start, until, type Program } from './programs.ts'

export interface Caddy extends Program {
  /** The certificate of the authority that Caddy makes for itself. */
  authority: string
}

/** One Caddy that serves `sites`, with its whole state in a folder of its own. */
export async function startCaddy(port: number, sites: string): Promise<Caddy> {
  const { path, remove } = folder()
  const file = join(path, 'Caddyfile')
  // Caddy would otherwise take the ports 80 and 2019, and put its authority into the system.
  writeFileSync(
    file,
    `{\n admin off\n auto_https disable_redirects\n skip_install_trust\n}\n${sites}\n`,
  )
  const program = start('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], {
    env: { HOME: path, XDG_DATA_HOME: path, XDG_CONFIG_HOME: path },
  })
  await until(port, true, program)
  const stop = async () => {
    await program.stop()
    remove()
  }
  return { ...program, stop, authority: join(path, 'caddy/pki/authorities/local/root.crt') }
}

export const hasAuthority = ({ authority }: Caddy) => existsSync(authority)
