// `npm install` leaves the binaries of other platforms out of the lockfile (npm issue 4828), and `npm ci` then rejects
// the lockfile everywhere. This adds them as `npm install` on their platform would. Run it after every change of
// dependencies: npm run lockfile
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

/**
 * @typedef {{ os?: string[], cpu?: string[], libc?: string[] }} Platform
 * @typedef {Platform & { version: string, optionalDependencies?: Record<string, string>, dev?: boolean, optional?: boolean }} Entry
 */

const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/
const lock = /** @type {{ packages: Record<string, Entry> }} */ (
  JSON.parse(readFileSync('package-lock.json', 'utf8'))
)
const { packages } = lock

/**
 * Every place where Node looks for `name` when the package at `from` requires it, nearest first.
 * @param {string} from
 * @param {string} name
 */
function lookups(from, name) {
  const places = [`${from}/node_modules/${name}`]
  for (let at = from; at.includes('/node_modules/');) {
    at = at.slice(0, at.lastIndexOf('/node_modules/'))
    places.push(`${at}/node_modules/${name}`)
  }
  return [...places, `node_modules/${name}`]
}

/** @type {Record<string, string>} */
const SYSTEMS = {
  darwin: 'darwin',
  linux: 'linux',
  windows: 'win32',
  win32: 'win32',
  android: 'android',
  freebsd: 'freebsd',
}
/** @type {Record<string, string>} */
const PROCESSORS = {
  arm64: 'arm64',
  aarch64: 'arm64',
  arm: 'arm',
  x64: 'x64',
  64: 'x64',
  ia32: 'ia32',
  ppc64: 'ppc64',
  s390x: 's390x',
  riscv64: 'riscv64',
}

/**
 * The platform that the registry states. A mirror may lack the package; then the platform in the package's name.
 * @param {string} name
 * @param {string} version
 * @returns {Platform}
 */
function platformOf(name, version) {
  try {
    const text = execFileSync(
      'npm',
      ['view', `${name}@${version}`, 'os', 'cpu', 'libc', '--json'],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    )
    return /** @type {Platform} */ (JSON.parse(text))
  } catch {
    const words = name.split(/[/-]/)
    /** @param {Record<string, string>} table */
    const pick = (table) => words.flatMap((word) => table[word] ?? []).slice(0, 1)
    return { os: pick(SYSTEMS), cpu: pick(PROCESSORS) }
  }
}

let added = 0
for (const [from, entry] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (!EXACT.test(version)) continue
    const found = lookups(from, name).find((place) => packages[place])
    if (found && packages[found]?.version === version) continue
    const place = found ? `${from}/node_modules/${name}` : `node_modules/${name}`
    packages[place] = { version, ...platformOf(name, version), dev: true, optional: true }
    added++
  }
}

lock.packages = Object.fromEntries(
  Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
)
writeFileSync('package-lock.json', JSON.stringify(lock, null, 2) + '\n')
console.log(
  added === 0
    ? 'The lockfile is complete.'
    : `${added} entries for other platforms added to package-lock.json.`,
)
