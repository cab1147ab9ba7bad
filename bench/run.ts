/** node bench/run.ts [stream] [runs] [many] [long] [start] [verdicts] [monitor] [answer] [pages] [kept] [--json] */
import { availableParallelism, cpus, loadavg } from 'node:os'
import { answerBudgets, measureAnswers, showAnswers } from './answer.ts'
import { budgetTable, fixed, type Budget } from './figures.ts'
import { keptBudgets, measureKept, showKept } from './kept.ts'
import { measureMonitor, monitorBudgets, showMonitor } from './monitor.ts'
import { measurePages, pageBudgets, showPages } from './pages.ts'
import {
  measureLong,
  measureMany,
  measureRuns,
  runBudgets,
  showLong,
  showMany,
  showRuns,
} from './runs.ts'
import { measureStart, showStart, startBudgets } from './start.ts'
import { measureStreams, showStreams, streamBudgets } from './stream.ts'
import { measureVerdicts, showVerdicts, verdictBudgets } from './verdicts.ts'

interface Outcome {
  figures: unknown
  text: string
  budgets: Budget[]
}

const part =
  <Figures>(
    measure: () => Promise<Figures>,
    show: (figures: Figures) => string,
    budgetsOf: (figures: Figures) => Budget[],
  ) =>
  async (): Promise<Outcome> => {
    const figures = await measure()
    return { figures, text: show(figures), budgets: budgetsOf(figures) }
  }

const PARTS = {
  stream: part(measureStreams, showStreams, (all) => all.flatMap(streamBudgets)),
  runs: part(measureRuns, showRuns, (all) => all.flatMap(runBudgets)),
  many: part(measureMany, showMany, () => []),
  long: part(measureLong, showLong, () => []),
  start: part(measureStart, showStart, startBudgets),
  verdicts: part(measureVerdicts, showVerdicts, verdictBudgets),
  monitor: part(measureMonitor, showMonitor, monitorBudgets),
  answer: part(measureAnswers, showAnswers, answerBudgets),
  pages: part(measurePages, showPages, (all) => all.flatMap(pageBudgets)),
  kept: part(measureKept, showKept, keptBudgets),
} as const

type PartName = keyof typeof PARTS

const isPart = (word: string): word is PartName => Object.hasOwn(PARTS, word)

const words = process.argv.slice(2)
const isJson = words.includes('--json')
const strange = words.filter((word) => word !== '--json' && !isPart(word))
if (strange.length > 0) {
  process.stderr.write(
    `There is no part named ${strange.join(', ')}. Parts: ${Object.keys(PARTS).join(', ')}.\n`,
  )
  process.exit(2)
}

const machine = {
  date: new Date().toISOString(),
  cores: availableParallelism(),
  processor: cpus()[0]?.model ?? 'unknown',
  node: process.version,
  loadBefore: loadavg()[0] ?? 0,
}

const chosen = words.filter(isPart)
const outcomes = new Map<string, Outcome>()
for (const name of chosen.length > 0 ? chosen : (Object.keys(PARTS) as PartName[])) {
  process.stderr.write(`Measuring: ${name} …\n`)
  outcomes.set(name, await PARTS[name]())
}

process.stdout.write(isJson ? asJson() : asText())

function asJson(): string {
  const figures = Object.fromEntries(
    [...outcomes].map(([name, outcome]) => [name, outcome.figures]),
  )
  return `${JSON.stringify({ machine, ...figures }, null, 2)}\n`
}

function asText(): string {
  const { date, cores, processor, node, loadBefore } = machine
  const facts = `${date}, ${cores} cores (${processor}), Node ${node}, load before ${fixed(loadBefore)}`
  const parts = [...outcomes.values()]
  const budgets = budgetTable(parts.flatMap((outcome) => outcome.budgets))
  return `${[facts, ...parts.map(({ text }) => text), `Budgets\n${budgets}`].join('\n\n')}\n`
}
