/** node simulator/cli.ts [fault] [--port N] [--control-port N] */
import { parseArgs } from 'node:util'
import { FAULTS, isFaultName } from './faults.ts'
import type { FaultName } from './faults.ts'
import { startHome } from './home.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)
const complain = (line: string) => process.stderr.write(`${line}\n`)

// A pager that reads the list may close the pipe early.
process.stdout.on('error', () => process.exit())

const OPTIONS = {
  port: { type: 'string', default: '0' },
  'control-port': { type: 'string', default: '0' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const USAGE = 'node simulator/cli.ts [fault] [--port N] [--control-port N]'

function listFaults(print: (line: string) => void): void {
  const width = Math.max(...Object.keys(FAULTS).map((name) => name.length))
  print('Faults:')
  for (const [name, { title }] of Object.entries(FAULTS)) print(`  ${name.padEnd(width)}  ${title}`)
}

interface Wanted {
  fault: FaultName | null
  port: number
  controlPort: number
}

function portOf(text: string): number | null {
  const port = Number(text)
  return Number.isInteger(port) && port >= 0 && port < 65_536 ? port : null
}

function readArguments(): Wanted | 'help' | { error: string } {
  try {
    const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true })
    if (values.help) return 'help'
    const [fault = null] = positionals
    if (fault !== null && !isFaultName(fault)) return { error: `Unknown fault: ${fault}.` }
    const [port, controlPort] = [portOf(values.port), portOf(values['control-port'])]
    return port === null || controlPort === null
      ? { error: 'A port must be a number from 0 to 65535.' }
      : { fault, port, controlPort }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

/** The command that meets the fault, if the home's address alone is not enough. */
function startLines({ RUNTIME, ...settings }: Readonly<Record<string, string>>): string[] {
  const variables = Object.entries(settings).map(([name, value]) => `${name}='${value}'`)
  if (RUNTIME === 'deployed')
    return [`Only a deployed server meets it, with ${variables.join(' ')}`]
  return [`Meet it with:       ${variables.join(' ')} npm start`]
}

async function run({ fault, port, controlPort }: Wanted): Promise<void> {
  const home = await startHome({ port, controlPort })
  await home.setFault(fault)
  say(`The home answers at ${home.url}`)
  say(`Control it at       ${home.control}`)
  say(fault ? `Fault: ${fault}. ${FAULTS[fault].title}` : 'No fault is set.')
  for (const line of startLines(home.settings())) say(line)
  say('')
  say(`Set a fault:  curl -X PUT ${home.control}/fault -d '{"name":"hang"}'`)
  say(`Clear it:     curl -X DELETE ${home.control}/fault`)
  say(`See requests: curl ${home.control}/asked`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void home.stop())
}

const wanted = readArguments()
if (wanted === 'help') {
  say(USAGE)
  listFaults(say)
} else if ('error' in wanted) {
  complain(`${wanted.error}\n${USAGE}`)
  listFaults(complain)
  process.exitCode = 2
} else {
  await run(wanted).catch((error: unknown) => {
    complain(`The home could not start: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  })
}
