import type { RunDetail } from '../../../src/lib/contract/runs.ts'
import { pullStream } from '../pull-stream.ts'
import { FORMATS, type FormatName } from './formats.ts'

type Find = (id: string) => RunDetail | null

/** The runs as one file. Each run is read only when the client is ready for it; a run deleted by then is skipped. */
export function exportOf(ids: readonly string[], find: Find, format: FormatName) {
  const parts = partsOf(ids, find, format)
  const encoder = new TextEncoder()
  return pullStream(() => {
    const { value } = parts.next()
    return value === undefined ? null : encoder.encode(value)
  })
}

function* partsOf(ids: readonly string[], find: Find, format: FormatName) {
  const { head, between, foot, write } = FORMATS[format]
  let before: string = head
  for (const id of ids) {
    const run = find(id)
    if (!run) continue
    yield before + write(run)
    before = between
  }
  const rest = (before === head ? head : '') + foot
  if (rest !== '') yield rest
}
