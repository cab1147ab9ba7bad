import { readAddress } from '../src/lib/diagnosis/index.ts'
import { buildIfChanged } from './build.ts'
import { startClock } from './clock.ts'
import { openData } from './data-folder.ts'
import { findHome } from './find-home.ts'
import { endWithParent, leaveNoOrphans } from './child-cleanup.ts'
import { findNetwork, serveNetwork, type Network } from './lan.ts'
import { choosePort, freePort } from './port.ts'
import { qrFor } from './qr.ts'
import { startResolver } from './resolver.ts'
import { startWorker, type Running } from './runtime.ts'
import { doubtsAbout, readVariables, type Variables } from './settings.ts'
import { waysIn } from './sign-in-links.ts'

const END_WITHIN_MS = 4000
const PORT_TRIES = 5

const flags = new Set(process.argv.slice(2))
/** `--lan`, or `--lan=ADDRESS` for one of several networks. */
const lan = process.argv.find((flag) => /^--lan(=|$)/.test(flag))
const isJson = flags.has('--json')
// A script reads standard output, so with --json the prose stays off it.
const say = (text: string) => (isJson ? process.stderr : process.stdout).write(`${text}\n`)
const sayAside = (text: string) => process.stderr.write(`${text}\n`)

const ending: (() => unknown)[] = []
let isEnding = false

try {
  await serve()
} catch (error) {
  if (!isEnding) {
    sayAside(
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
  // Asked before the build too: nobody should wait for that to be refused.
  insist(await choosePort(process.env.PORT))
  const data = insist(openData(process.env.PORCHLIGHT_DATA))
  const building = new AbortController()
  ending.push(() => building.abort())
  const bundle = await buildIfChanged(sayAside, building.signal)
  const variables = readVariables(process.env)
  const home = await findHome(variables, flags.has('--demo') || process.env.PORCHLIGHT_DEMO === '1')
  ending.push(home.stop)
  const bindings = {
    ...variables,
    ...(await localBindings(home.url, variables)),
    OLLAMA_URL: home.url,
    DEMO: home.demo ? '1' : '',
    STARTED_AT: String(Date.now()),
  }
  const network = lan === undefined ? null : insist(networkFor(lan))
  const isKeyed = ['OWNER_KEY_HASH', 'ACCESS_TEAM_DOMAIN', 'ACCESS_AUD'].some(
    (name) => name in variables,
  )
  const ways = waysIn(isKeyed, network)
  const { url, note, tick } = await serveOnFreePort((port) =>
    startWorker({
      bundle,
      port,
      folder: data.folder,
      bindings: { ...bindings, ...ways.bindings(port) },
    }),
  )
  const port = Number(new URL(url).port || 80)
  if (network) ending.push(await serveNetwork(network, port))
  for (const text of [note, data.note, home.said, ...doubtsAbout(variables)]) if (text) say(text)
  const [here, there] = [ways.here(url), ways.there(port)]
  if (there) sayToPhones(there)
  say(
    `Porchlight: ${here ?? url}   (${here ? 'signs you in, once, within ten minutes; ' : ''}Ctrl-C ends it)`,
  )
  const signIn = there ?? here
  const served = { url, home: withoutPassword(home.url), demo: home.demo, pid: process.pid }
  if (isJson) tell({ ...served, ...(signIn ? { signIn } : {}) })
  ending.push(startClock(tick, sayAside))
}

function sayToPhones(link: string) {
  say(`For a phone in the same network (once, within ten minutes):\n\n  ${link}\n`)
  say(qrFor(link, (isJson ? process.stderr : process.stdout).isTTY))
  say('\nThis line is not encrypted: whoever shares the network can read along.')
}

function networkFor(flag: string): Network | { refusal: string } {
  const network = findNetwork(flag.split('=')[1])
  return network.addresses.length > 0
    ? network
    : {
        refusal:
          'This machine has no address in a network. Give one: npm start -- --lan=192.168.1.5',
      }
}

function tell(served: object) {
  process.stdout.write(`${JSON.stringify(served)}\n`)
}

function insist<Value extends object>(value: Value | { refusal: string }): Value {
  if ('refusal' in value) throw new Error(value.refusal)
  return value
}

/** Another start may have taken the port since it was chosen. */
async function serveOnFreePort(start: (port: number) => Promise<Running | null>) {
  for (let nth = 0; nth < PORT_TRIES; nth++) {
    const { port, note } = insist(await choosePort(process.env.PORT))
    // Whoever is told the address beforehand needs a number.
    const running = await start(port === 0 && lan !== undefined ? await freePort() : port)
    if (!running) continue
    ending.push(running.stop)
    return { url: running.url, note, tick: running.tick }
  }
  throw new Error(
    'Whichever port is chosen, another program takes it first. Give one: PORT=9000 npm start',
  )
}

function withoutPassword(url: string): string {
  return url.replace(/^([a-z]+:\/\/)?[^/]*@/i, '$1')
}

/** Names and certificates are judged by this machine's own means, so that what only exists here is judged truly. */
async function localBindings(homeUrl: string, given: Variables): Promise<Record<string, string>> {
  const { DOH_URL, HANDSHAKE_URL, RUNTIME = 'local' } = given
  const address = readAddress(homeUrl)
  if ('fault' in address) return { RUNTIME }
  const resolver = await startResolver(address.host)
  ending.push(resolver.stop)
  return {
    RUNTIME,
    DOH_URL: DOH_URL ?? resolver.url,
    HANDSHAKE_URL: HANDSHAKE_URL ?? resolver.handshakeUrl,
  }
}

async function end(code: number) {
  if (isEnding) return
  isEnding = true
  setTimeout(() => process.exit(code), END_WITHIN_MS).unref()
  await Promise.allSettled(ending.map((stop) => stop()))
  process.exit(code)
}
