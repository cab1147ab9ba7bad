// Runs before anything is installed, under any Node >= 20: plain JavaScript that imports only Node's own modules.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
const STAMP = 'node_modules/.porchlight-installed'
/** The first version that runs TypeScript without a build step and SQLite without a warning. */
const NEEDED_NODE = 24

export const ownNode = `node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`

/** Installs the packages of the lockfile unless this lockfile is installed already. Ends the process if that fails. */
export async function install() {
  const wanted = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted && existsSync(ownNode)) return
  process.stderr.write(
    'Installing the packages of Porchlight (about a minute, first start only) …\n',
  )
  if ((await runNpm()) !== 0) {
    process.stderr.write(
      'The packages could not be installed, probably because the npm registry cannot be reached. Run `npm ci` to see the full error.\n',
    )
    process.exit(1)
  }
  writeFileSync(STAMP, wanted)
}

/** @returns {Promise<number | null>} the exit code of `npm ci` */
const runNpm = () =>
  new Promise((resolve) => {
    const child = spawn('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
      // A script may read our standard output, so npm writes to standard error.
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    })
    const abort = () => {
      child.kill('SIGTERM')
      process.exit(1)
    }
    for (const signal of SIGNALS) process.on(signal, abort)
    child.once('error', () => resolve(1)).once('exit', resolve)
    child.once('exit', () => SIGNALS.forEach((signal) => process.off(signal, abort)))
  })

export const isOwnNodeNeeded = () => Number.parseInt(process.versions.node) < NEEDED_NODE

/**
 * Continues under the project's own Node, and ends with it.
 * @param {string} script
 */
export function handOver(script) {
  const child = spawn(ownNode, [script, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, PORCHLIGHT_UNDER_NODE: process.versions.node },
  })
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
}
