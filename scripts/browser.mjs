// Finds a Chromium for the tests, or gets one: the system's package as root on Debian, Playwright's own elsewhere.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const SYSTEM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

const run = (tool, args) => spawnSync(tool, args, { stdio: ['ignore', 2, 2] }).status === 0

/** The path of a browser that can be started, or `null`. `CHROME_PATH` comes first: who sets it means it. */
async function findBrowser() {
  const asked = process.env.CHROME_PATH
  if (asked) return existsSync(asked) ? asked : null
  const { chromium } = await import('@playwright/test')
  return [...SYSTEM, chromium.executablePath()].find((path) => existsSync(path)) ?? null
}

export async function getBrowser() {
  const found = await findBrowser()
  if (found) return found
  process.stderr.write('No Chromium found; getting one for the browser tests …\n')
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
    console.error('No browser could be had. Install Chromium, or set CHROME_PATH to one.')
    process.exit(1)
  }
}
