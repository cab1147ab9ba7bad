import type { Delta, Output } from '../../src/lib/contract/runs.ts'

export const emptyOutput = (): Output => ({ text: '', thinking: '', toolCalls: [] })

export function addTo(
  output: Output,
  { text = '', thinking = '', toolCalls = [] }: Partial<Delta>,
) {
  output.text += text
  output.thinking += thinking
  output.toolCalls.push(...toolCalls)
}

export const isSomething = ({ text, thinking, toolCalls }: Output) =>
  text !== '' || thinking !== '' || toolCalls.length > 0

/** All that the deltas of a log have told. */
export function outputOf(logs: readonly string[]): Output {
  const output = emptyOutput()
  for (const log of logs) {
    for (const [, data = ''] of log.matchAll(/^event: delta\ndata: ([^\n]*)\n/gm))
      addTo(output, JSON.parse(data) as Delta)
  }
  return output
}
