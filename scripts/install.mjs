// Runs before anything is installed, on whatever Node there is: plain JavaScript, Node's own modules only.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const STAMP = 'node_modules/.porchlight-installed'

export const ownNode = `node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`

/** Installs what the lockfile names, unless exactly that was installed before. Ends the process when it cannot. */
export function install() {
  const wanted = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted && existsSync(ownNode)) return
  process.stderr.write('Installing what Porchlight is made of (first start only, about a minute) …\n')
  const { status } = spawnSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    // npm's own words belong to the prose: standard output may be read by a script.
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (status !== 0) {
    process.stderr.write('Could not install the packages. Is the registry reachable? `npm ci` shows the whole story.\n')
    process.exit(1)
  }
  writeFileSync(STAMP, wanted)
}

/** Wrangler, Vitest and TypeScript without a build step want at least this. */
export function isOwnNodeNeeded() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major < 22 || (major === 22 && minor < 18)
}
