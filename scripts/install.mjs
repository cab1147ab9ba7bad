// Runs before anything is installed, on whatever Node there is: plain JavaScript, Node's own modules only.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
const STAMP = 'node_modules/.porchlight-installed'

export const ownNode = `node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`

/** Installs what the lockfile names, unless exactly that was installed before. Ends the process when it cannot. */
export async function install() {
  const wanted = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted && existsSync(ownNode)) return
  process.stderr.write(
    'Installing what Porchlight is made of (first start only, about a minute) …\n',
  )
  if ((await runNpm()) !== 0) {
    process.stderr.write(
      'Could not install the packages. Is the registry reachable? `npm ci` shows the whole story.\n',
    )
    process.exit(1)
  }
  writeFileSync(STAMP, wanted)
}

const runNpm = () =>
  new Promise((resolve) => {
    const child = spawn('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
      // npm's own words belong to the prose: standard output may be read by a script.
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    })
    const leave = () => {
      child.kill('SIGTERM')
      process.exit(1)
    }
    for (const signal of SIGNALS) process.on(signal, leave)
    child.once('error', () => resolve(1)).once('exit', resolve)
    child.once('exit', () => SIGNALS.forEach((signal) => process.off(signal, leave)))
  })

/** TypeScript without a build step, and SQLite without a warning, want at least this. */
export function isOwnNodeNeeded() {
  return Number.parseInt(process.versions.node) < 24
}

/** Goes on under the project's own Node, and ends with it. */
export function handOver(script) {
  const child = spawn(ownNode, [script, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, PORCHLIGHT_UNDER_NODE: process.versions.node },
  })
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
}
