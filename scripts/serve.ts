import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { readAddress } from '../src/lib/diagnosis/index.ts'
import { BUNDLE, buildIfChanged } from './build.ts'
import { findHome } from './find-home.ts'
import { choosePort } from './port.ts'
import { startResolver } from './resolver.ts'
import { readVariables, type Variables } from './settings.ts'

const END_WITHIN_MS = 4000

const flags = new Set(process.argv.slice(2))
const isJson = flags.has('--json')
// A script reads standard output, so with --json the prose stays off it.
const say = (text: string) => (isJson ? process.stderr : process.stdout).write(`${text}\n`)

const ending: (() => unknown)[] = []

try {
  await serve()
} catch (error) {
  process.stderr.write(`Porchlight could not start. ${error instanceof Error ? error.message : String(error)}\n`)
  await end(1)
}

async function serve() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0))
  endWithParent()
  const choice = await choosePort(process.env.PORT)
  if ('refusal' in choice) throw new Error(choice.refusal)
  await buildIfChanged((text) => process.stderr.write(`${text}\n`))
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
  const url = await startWorker(choice.port, bindings)
  if (choice.note) say(choice.note)
  say(home.said)
  if (variables.OWNER_KEY_HASH)
    say('OWNER_KEY_HASH is set, but sign-in is not part of this version yet: only the public status will answer.')
  say(`Porchlight: ${url}   (Ctrl-C ends it)`)
  if (isJson)
    process.stdout.write(
      `${JSON.stringify({ url, home: withoutPassword(home.url), demo: home.demo, pid: process.pid })}\n`,
    )
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//')
}

/** Names and certificates are judged by this machine's own means, so that what only exists here is judged truly. */
async function localBindings(homeUrl: string, { DOH_URL, HANDSHAKE_URL }: Variables): Promise<Record<string, string>> {
  const address = readAddress(homeUrl)
  if ('fault' in address) return { RUNTIME: 'local' }
  const resolver = await startResolver(address.host)
  ending.push(resolver.stop)
  return {
    RUNTIME: 'local',
    DOH_URL: DOH_URL ?? resolver.url,
    HANDSHAKE_URL: HANDSHAKE_URL ?? resolver.handshakeUrl,
  }
}

async function startWorker(port: number, bindings: Record<string, string>): Promise<string> {
  const options = JSON.parse(readFileSync(BUNDLE.options, 'utf8')) as Parameters<typeof convertV4MiniflareOptions>[0]
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...options,
      bindings,
      modules: true,
      scriptPath: BUNDLE.script,
      host: '127.0.0.1',
      port,
      resourcePersistencePath: resolve(process.env.PORCHLIGHT_DATA || '.porchlight'),
      log: new Log(LogLevel.ERROR),
      logRequests: false,
      // Where this machine stands in the world is nobody's business, and asking would be a request to elsewhere.
      cf: false,
    }),
  )
  ending.push(() => miniflare.dispose())
  const { port: served } = await miniflare.ready
  return `http://localhost:${served}`
}

async function end(code: number): Promise<never> {
  setTimeout(() => process.exit(code), END_WITHIN_MS).unref()
  await Promise.allSettled(ending.map((stop) => stop()))
  process.exit(code)
}

/** npm may be ended without passing the signal on; then its shell goes, and this must not stay behind. */
function endWithParent() {
  const parent = process.ppid
  if (process.env.npm_lifecycle_event === undefined) return
  setInterval(() => {
    if (process.ppid !== parent) void end(0)
  }, 500).unref()
}
