// Finds a Chromium for the tests, or installs one: the system's package as root on Debian, Playwright's own elsewhere.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const SYSTEM_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

export const NO_BROWSER =
  'There is no Chromium on this machine, and it could not be installed. Install it, or set CHROME_PATH to its path.'

/**
 * @param {string} tool
 * @param {string[]} args
 */
const run = (tool, args) => spawnSync(tool, args, { stdio: ['ignore', 2, 2] })

/** The path of an installed browser, or `null`. `CHROME_PATH` wins, even when nothing is there. */
async function findBrowser() {
  const configured = process.env.CHROME_PATH
  if (configured) return existsSync(configured) ? configured : null
  const { chromium } = await import('@playwright/test')
  return [...SYSTEM_PATHS, chromium.executablePath()].find((path) => existsSync(path)) ?? null
}

export async function getBrowser() {
  const found = await findBrowser()
  if (found) return found
  process.stderr.write('Installing Chromium for the browser tests …\n')
  const isDebianRoot = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (isDebianRoot) installPackage()
  else run(process.execPath, [playwrightCli(), 'install', 'chromium'])
  return findBrowser()
}

function installPackage() {
  run('apt-get', ['update', '-qq'])
  run('apt-get', ['install', '-y', '-qq', 'chromium'])
}

const playwrightCli = () =>
  join(dirname(createRequire(import.meta.url).resolve('@playwright/test/package.json')), 'cli.js')

if (process.argv[1]?.endsWith('browser.mjs')) {
  const path = await getBrowser()
  if (path) console.log(path)
  else {
    console.error(NO_BROWSER)
    process.exit(1)
  }
}
