import type { RunDetail } from '../../../src/lib/contract/runs.ts'
import { FORMATS, type FormatName } from './formats.ts'
import { bytesOf } from '../event-log.ts'

/** The runs as one file. Each is read when its turn comes; one that is gone by then is left out. */
export function exportOf(
  ids: readonly string[],
  find: (id: string) => RunDetail | null,
  format: FormatName,
) {
  const pieces = piecesOf(ids, find, format)
  const encoder = new TextEncoder()
  return bytesOf(async () => {
    const { value } = pieces.next()
    return value === undefined ? null : encoder.encode(value)
  })
}

function* piecesOf(
  ids: readonly string[],
  find: (id: string) => RunDetail | null,
  format: FormatName,
) {
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
