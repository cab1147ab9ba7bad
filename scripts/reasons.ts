import { readFileSync, writeFileSync } from 'node:fs'
import { CAUSES, REASONS, type Cause } from '../src/lib/diagnosis/index.ts'
import type { Reason } from '../src/lib/diagnosis/reasons/reason.ts'

const FILE = 'docs/diagnosis.md'
const HEADING = '## Causes and reasons'

/** The Markdown tables of causes and reasons, generated from the tables in the code. */
export function reasonTables(): string {
  const reasons = Object.entries(REASONS) as [string, Reason][]
  const sections = (Object.keys(CAUSES) as Cause[]).map((cause) => {
    const rows = reasons.filter(([, reason]) => reason.cause === cause).map(row)
    return [
      `### \`${cause}\` — ${CAUSES[cause].title}`,
      '',
      '| reason | rung | summary | also possible |',
      '| --- | --- | --- | --- |',
      ...rows,
      '',
    ].join('\n')
  })
  return [HEADING, '', ...sections].join('\n')
}

function row([name, { rung, summary, or = [] }]: [string, Reason]): string {
  return `| \`${name}\` | ${rung} | ${summary} | ${or.map((cause) => `\`${cause}\``).join(', ')} |`
}

if (process.argv[1]?.endsWith('reasons.ts')) {
  const text = readFileSync(FILE, 'utf8')
  writeFileSync(FILE, text.slice(0, text.indexOf(HEADING)) + reasonTables())
}
