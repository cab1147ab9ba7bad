// Finds the real programs that the tests put in front of a home, and installs the missing ones as root on Debian.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter } from 'node:path'

/**
 * Each program, its Debian package, and the tests that need it.
 * @type {Record<string, { package: string, tests: string }>}
 */
const PROGRAMS = {
  nginx: { package: 'nginx-light', tests: 'nginx, localtunnel and ssh -R behind nginx' },
  caddy: { package: 'caddy', tests: 'Caddy' },
  sshd: { package: 'openssh-server', tests: 'ssh -R' },
  ssh: { package: 'openssh-client', tests: 'ssh -R' },
  dnsmasq: { package: 'dnsmasq-base', tests: 'name servers' },
  openssl: { package: 'openssl', tests: 'certificates' },
}
const SERVICES = ['nginx', 'caddy', 'ssh', 'dnsmasq']
/** Debian keeps servers in folders that are not in an ordinary user's PATH. */
const PATH = [process.env.PATH, '/usr/sbin', '/sbin', '/usr/local/sbin'].join(delimiter)
const ATTEMPTS = 2

// In runlevel 1 invoke-rc.d does not start the service that a package installs. A question would wait indefinitely.
const UNATTENDED = {
  ...process.env,
  PATH,
  RUNLEVEL: '1',
  DEBIAN_FRONTEND: 'noninteractive',
  NEEDRESTART_MODE: 'l',
}

/**
 * @param {string} tool
 * @param {string[]} args
 */
const run = (tool, args) =>
  spawnSync(tool, args, { stdio: ['ignore', 2, 2], env: UNATTENDED }).status === 0

/** @param {string} name */
const isInstalled = (name) =>
  spawnSync('/bin/sh', ['-c', 'command -v "$0"', name], { env: UNATTENDED }).status === 0

const findMissing = () => Object.keys(PROGRAMS).filter((name) => !isInstalled(name))

/** Installs the missing programs where that needs no permission. Returns those that are still missing. */
export function getPrograms() {
  const missing = findMissing()
  const isDebianRoot = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (missing.length === 0 || !isDebianRoot) return missing
  process.stderr.write(`Installing ${missing.join(', ')} for the tests with real programs …\n`)
  for (let left = ATTEMPTS; left > 0 && !install(findMissing()); left--);
  return findMissing()
}

/** @param {string[]} missing */
function install(missing) {
  const before = runningServices()
  const packages = missing.flatMap((name) => PROGRAMS[name]?.package ?? [])
  const isDone =
    run('apt-get', ['update', '-qq']) && run('apt-get', ['install', '-y', '-qq', ...packages])
  // Under systemd the runlevel does not prevent the start. Services that ran before stay untouched.
  for (const service of runningServices())
    if (!before.includes(service)) run('systemctl', ['disable', '--now', service])
  return isDone
}

function runningServices() {
  if (!existsSync('/run/systemd/system')) return []
  return SERVICES.filter(
    (service) => spawnSync('systemctl', ['is-active', '--quiet', service]).status === 0,
  )
}

if (process.argv[1]?.endsWith('programs.mjs')) {
  for (const name of getPrograms())
    console.error(
      `${name} is not installed, so the tests of ${PROGRAMS[name]?.tests} are skipped (in CI they fail).`,
    )
}
