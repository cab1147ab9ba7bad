import { readAddress } from '../src/lib/diagnosis/index.ts'
import { buildIfChanged } from './build.ts'
import { startClock } from './clock.ts'
import { openDataFolder } from './data-folder.ts'
import { findHome } from './find-home.ts'
import { endWithParent, leaveNoOrphans } from './child-cleanup.ts'
import { findNetwork, serveNetwork, type Network } from './lan.ts'
import { choosePort, freePort } from './port.ts'
import { qrFor } from './qr.ts'
import { startResolver } from './resolver.ts'
import { startWorker, type Running } from './runtime.ts'
import { warningsAbout, readVariables, type Variables } from './settings.ts'
import { signInLinks } from './sign-in-links.ts'

const END_WITHIN_MS = 4000
const PORT_ATTEMPTS = 5

const flags = new Set(process.argv.slice(2))
/** `--lan`, or `--lan=ADDRESS` for one of several networks. */
const lan = process.argv.find((flag) => /^--lan(=|$)/.test(flag))
const isJson = flags.has('--json')
// With --json a script reads standard output, so sentences go to standard error.
const say = (text: string) => (isJson ? process.stderr : process.stdout).write(`${text}\n`)
const logError = (text: string) => process.stderr.write(`${text}\n`)

const shutdown: { steps: (() => unknown)[]; hasBegun: boolean } = { steps: [], hasBegun: false }

try {
  await serve()
} catch (error) {
  if (!shutdown.hasBegun) {
    logError(
      `Porchlight could not start. ${error instanceof Error ? error.message : String(error)}`,
    )
    await end(1)
  }
}

async function serve() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => void end(0))
  endWithParent(() => void end(0))
  leaveNoOrphans()
  // Checked before the build too, so that a taken port is reported at once.
  insist(await choosePort(process.env.PORT))
  const data = insist(openDataFolder(process.env.PORCHLIGHT_DATA))
  const building = new AbortController()
  shutdown.steps.push(() => building.abort())
  const bundle = await buildIfChanged(logError, building.signal)
  const variables = readVariables(process.env)
  const home = await findHome(variables, flags.has('--demo') || process.env.PORCHLIGHT_DEMO === '1')
  shutdown.steps.push(home.stop)
  const bindings = {
    ...variables,
    ...(await localBindings(home.url, variables)),
    OLLAMA_URL: home.url,
    DEMO: home.demo ? '1' : '',
    STARTED_AT: String(Date.now()),
  }
  const network = lan === undefined ? null : insist(networkFor(lan))
  const hasOwnerKey = ['OWNER_KEY_HASH', 'ACCESS_TEAM_DOMAIN', 'ACCESS_AUD'].some(
    (name) => name in variables,
  )
  const links = signInLinks(hasOwnerKey, network)
  const { url, note, tick } = await serveOnFreePort((port) =>
    startWorker({
      bundle,
      port,
      folder: data.folder,
      bindings: { ...bindings, ...links.bindings(port) },
    }),
  )
  const port = Number(new URL(url).port || 80)
  if (network) shutdown.steps.push(await serveNetwork(network, port))
  for (const text of [note, data.note, home.description, ...warningsAbout(variables)])
    if (text) say(text)
  const [here, there] = [links.here(url), links.there(port)]
  if (there) showPhoneLink(there)
  say(
    `Porchlight: ${here ?? url}   (${here ? 'signs you in once, within ten minutes; ' : ''}Ctrl-C stops it)`,
  )
  const signIn = there ?? here
  const served = { url, home: withoutPassword(home.url), demo: home.demo, pid: process.pid }
  if (isJson) print({ ...served, ...(signIn ? { signIn } : {}) })
  shutdown.steps.push(startClock(tick, logError))
}

function showPhoneLink(link: string) {
  say(`To sign in on a phone in the same network (once, within ten minutes):\n\n  ${link}\n`)
  say(qrFor(link, (isJson ? process.stderr : process.stdout).isTTY))
  say('\nThis connection is not encrypted: other devices in the network can read it.')
}

function networkFor(flag: string): Network | { refusal: string } {
  const network = findNetwork(flag.split('=')[1])
  return network.addresses.length > 0
    ? network
    : {
        refusal:
          'This machine has no address in a local network. Specify one: npm start -- --lan=192.168.1.5',
      }
}

function print(served: object) {
  process.stdout.write(`${JSON.stringify(served)}\n`)
}

function insist<Value extends object>(value: Value | { refusal: string }): Value {
  if ('refusal' in value) throw new Error(value.refusal)
  return value
}

/** Another program may take the port after it was chosen. */
async function serveOnFreePort(start: (port: number) => Promise<Running | null>) {
  for (let nth = 0; nth < PORT_ATTEMPTS; nth++) {
    const { port, note } = insist(await choosePort(process.env.PORT))
    // The sign-in links contain the port, so it must be known before the start.
    const running = await start(port === 0 && lan !== undefined ? await freePort() : port)
    if (!running) continue
    shutdown.steps.push(running.stop)
    return { url: running.url, note, tick: running.tick }
  }
  throw new Error(
    'Other programs keep taking the chosen port first. Choose one yourself: PORT=9000 npm start',
  )
}

function withoutPassword(url: string): string {
  return url.replace(/^([a-z]+:\/\/)?[^/]*@/i, '$1')
}

/** Names and certificates are checked from this machine, because some names exist only here. */
async function localBindings(homeUrl: string, given: Variables): Promise<Record<string, string>> {
  const { DOH_URL, HANDSHAKE_URL, RUNTIME = 'local' } = given
  const address = readAddress(homeUrl)
  if ('fault' in address) return { RUNTIME }
  const resolver = await startResolver(address.host)
  shutdown.steps.push(resolver.stop)
  return {
    RUNTIME,
    DOH_URL: DOH_URL ?? resolver.url,
    HANDSHAKE_URL: HANDSHAKE_URL ?? resolver.handshakeUrl,
  }
}

async function end(code: number) {
  if (shutdown.hasBegun) return
  shutdown.hasBegun = true
  setTimeout(() => process.exit(code), END_WITHIN_MS).unref()
  await Promise.allSettled(shutdown.steps.map((stop) => stop()))
  process.exit(code)
}
