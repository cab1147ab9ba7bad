/** How long a check takes to name each fault, and which cause it names. */
import { FAULTS, FAULT_NAMES, type FaultName, type Settings } from '../simulator/faults.ts'
import type { Health } from '../src/lib/contract/health.ts'
import { serve } from '../tests/support/serve.ts'
import { fixed, median, table, worst, type Budget } from './figures.ts'
import { startHomeApart } from './home.ts'

const CHECKS = 3
const MOST_MS = 8000
const TOKENS_PER_SECOND = 200

export interface VerdictFigures {
  fault: FaultName
  /** Every cause that was reported; more than one when the checks disagreed. */
  causes: string[]
  reasons: string[]
  medianMs: number
  worstMs: number
}

export async function measureVerdicts(): Promise<VerdictFigures[]> {
  const home = await startHomeApart(TOKENS_PER_SECOND)
  const server = await serve({ OLLAMA_URL: home.url })
  try {
    await check(server.url)
    const figures: VerdictFigures[] = []
    for (const fault of FAULT_NAMES) {
      const settings = await home.setFault(fault)
      if (isMetLocally(settings))
        figures.push(await measureFault(fault, settings, home.url, server.url))
    }
    return figures.sort((one, other) => one.medianMs - other.medianMs)
  } finally {
    await server.stop()
    await home.stop()
  }
}

/** A deployed server does not run on this machine, and without an address the demo home is served. */
const isMetLocally = ({ RUNTIME, OLLAMA_URL }: Settings) =>
  RUNTIME !== 'deployed' && OLLAMA_URL !== ''

/** A fault in the settings needs a server with those settings. */
async function measureFault(
  fault: FaultName,
  settings: Settings,
  home: string,
  shared: string,
): Promise<VerdictFigures> {
  const isShared = Object.keys(settings).length === 1 && settings.OLLAMA_URL === home
  const own = isShared ? null : await serve({ ...settings })
  const checks: Check[] = []
  if (own) await check(own.url)
  while (checks.length < CHECKS) checks.push(await check(own?.url ?? shared))
  await own?.stop()
  const times = checks.map(({ ms }) => ms)
  return {
    fault,
    causes: [...new Set(checks.map(({ cause }) => cause))],
    reasons: [...new Set(checks.map(({ reason }) => reason))],
    medianMs: median(times),
    worstMs: worst(times),
  }
}

type Check = Pick<Health, 'cause' | 'reason'> & { ms: number }

async function check(server: string): Promise<Check> {
  const startedAt = performance.now()
  const response = await fetch(`${server}/api/health?fresh=1&code=200`)
  const { cause, reason } = (await response.json()) as Health
  if (!response.ok || typeof cause !== 'string')
    throw new Error(`no verdict, status ${response.status}`)
  return { cause, reason, ms: performance.now() - startedAt }
}

export function verdictBudgets(all: readonly VerdictFigures[]): Budget[] {
  const slowest = worst(all.map(({ worstMs }) => worstMs))
  return [
    { what: `slowest verdict of ${all.length} faults`, value: slowest, unit: 'ms', most: MOST_MS },
  ]
}

/** Generation faults look healthy to a check that generates nothing; the list marks them. */
export function showVerdicts(all: readonly VerdictFigures[]): string {
  const rows = all.map(({ fault, causes, reasons, medianMs, worstMs }) => [
    fixed(medianMs, 0),
    fixed(worstMs, 0),
    worstMs <= MOST_MS ? 'within' : 'OVER',
    fault,
    causes.join(', '),
    reasons.join(', '),
    isOfGeneration(fault) ? 'only when generating' : '',
  ])
  return [
    'Verdicts',
    table(['median ms', 'worst ms', '', 'fault', 'cause reported', 'reason reported', ''], rows),
  ].join('\n')
}

function isOfGeneration(name: FaultName): boolean {
  const fault = FAULTS[name]
  if (fault.kind === 'answer') return fault.scope === 'generation'
  return (
    fault.kind === 'ollama' &&
    ['streamFault', 'refusal', 'silent', 'unusable'].some((key) => key in fault.change)
  )
}
