import type { RunDetail } from '../../../src/lib/contract/runs.ts'
import { CSV_HEAD, csvRow } from './csv.ts'
import { markdownOf } from './markdown.ts'

interface Format {
  type: string
  extension: string
  head: string
  /** What stands between two runs. */
  between: string
  foot: string
  write: (run: RunDetail) => string
}

/** Runs as a file, one after the other, so that no more than one is in memory. */
export const FORMATS = {
  json: {
    type: 'application/json',
    extension: 'json',
    head: '{"runs":[\n',
    between: ',\n',
    foot: '\n]}\n',
    write: (run) => JSON.stringify(run),
  },
  csv: {
    type: 'text/csv; charset=utf-8',
    extension: 'csv',
    head: CSV_HEAD,
    between: '',
    foot: '',
    write: csvRow,
  },
  md: {
    type: 'text/markdown; charset=utf-8',
    extension: 'md',
    head: '# Runs\n\n',
    between: '\n',
    foot: '',
    write: markdownOf,
  },
} as const satisfies Record<string, Format>

export type FormatName = keyof typeof FORMATS

export const isFormat = (name: string): name is FormatName => Object.hasOwn(FORMATS, name)
