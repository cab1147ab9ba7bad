// Finds the real programs that the tests put in front of a home, and gets those that are missing on Debian as root.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter } from 'node:path'

/** Each program, the Debian package that brings it, and which tests it is for. */
const PROGRAMS = {
  nginx: { package: 'nginx-light', tests: 'nginx, localtunnel and ssh -R behind nginx' },
  caddy: { package: 'caddy', tests: 'Caddy' },
  sshd: { package: 'openssh-server', tests: 'ssh -R' },
  ssh: { package: 'openssh-client', tests: 'ssh -R' },
  dnsmasq: { package: 'dnsmasq-base', tests: 'name servers' },
  openssl: { package: 'openssl', tests: 'certificates' },
}
/** Debian keeps what a server needs outside of an ordinary person's path. */
const PATH = [process.env.PATH, '/usr/sbin', '/sbin', '/usr/local/sbin'].join(delimiter)
const TRIES = 2

// A runlevel of one person alone: invoke-rc.d then starts no service that a package brings. A question would wait for ever.
const QUIET = {
  ...process.env,
  PATH,
  RUNLEVEL: '1',
  DEBIAN_FRONTEND: 'noninteractive',
  NEEDRESTART_MODE: 'l',
}
const run = (tool, args) =>
  spawnSync(tool, args, { stdio: ['ignore', 2, 2], env: QUIET }).status === 0
const isThere = (name) =>
  spawnSync('/bin/sh', ['-c', 'command -v "$0"', name], { env: QUIET }).status === 0
const findMissing = () => Object.keys(PROGRAMS).filter((name) => !isThere(name))

/** Gets what is missing where that can be done without asking anybody. Returns what is missing still. */
export function getPrograms() {
  const missing = findMissing()
  const isDebianRoot = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (missing.length === 0 || !isDebianRoot) return missing
  process.stderr.write(`Getting ${missing.join(', ')} for the tests with real programs …\n`)
  for (let left = TRIES; left > 0 && !install(findMissing()); left--);
  return findMissing()
}

function install(missing) {
  const before = servicesRunning()
  const packages = missing.map((name) => PROGRAMS[name].package)
  const isDone =
    run('apt-get', ['update', '-qq']) && run('apt-get', ['install', '-y', '-qq', ...packages])
  // Where systemd decides, the runlevel does not stop it. What ran before was not ours.
  for (const service of servicesRunning())
    if (!before.includes(service)) run('systemctl', ['disable', '--now', service])
  return isDone
}

function servicesRunning() {
  if (!existsSync('/run/systemd/system')) return []
  return ['nginx', 'caddy', 'ssh', 'dnsmasq'].filter(
    (service) => spawnSync('systemctl', ['is-active', '--quiet', service]).status === 0,
  )
}

if (process.argv[1]?.endsWith('programs.mjs')) {
  const missing = getPrograms()
  for (const name of missing)
    console.error(
      `${name} cannot be found: the tests of ${PROGRAMS[name].tests} are skipped (in CI they fail).`,
    )
}
