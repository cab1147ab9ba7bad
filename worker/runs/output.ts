import type { Delta, Output } from '../../src/lib/contract/runs.ts'
import type { FrameBatch } from './event-log.ts'

export const emptyOutput = (): Output => ({ text: '', thinking: '', toolCalls: [] })

export function addTo(
  output: Output,
  { text = '', thinking = '', toolCalls = [] }: Partial<Delta>,
) {
  output.text += text
  output.thinking += thinking
  output.toolCalls.push(...toolCalls)
}

export const isEmpty = ({ text, thinking, toolCalls }: Output) =>
  text === '' && thinking === '' && toolCalls.length === 0

/** The output as the logged deltas add up to it. */
export function outputOf(batches: readonly FrameBatch[]): Output {
  const output = emptyOutput()
  for (const { frames } of batches)
    for (const [, data = ''] of frames.matchAll(/^event: delta\ndata: ([^\n]*)\n/gm))
      addTo(output, JSON.parse(data) as Delta)
  return output
}
