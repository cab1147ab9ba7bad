import type { Outlook } from '../../src/lib/contract/warmth.ts'
import type { Weights } from './port.ts'

/** Cloudflare ends a request after about 100 s without a byte. No other common proxy is known to wait longer. */
const SILENT_LIMIT_MS = 100_000
/** A load that was cut off sooner was cut off for a reason other than a silent limit. */
const SHORTEST_SILENT_LIMIT_MS = 10_000
/** Load times vary, and reading the prompt is silent, too. */
const SAFE_SHARE = 0.7
/** How many of the newest loads an estimate uses. */
const SAMPLE_SIZE = 5
const ROWS_RETAINED = 200

type Row = {
  model: string
  digest: string | null
  size: number | null
  ms: number
  is_whole: number
}

/** How long loads have taken at the home with this origin. */
export class LoadTimes {
  readonly #sql: SqlStorage
  readonly #origin: string
  readonly #hasLimit: boolean

  /** `hasLimit`: a proxy with the usual silent limit may stand in front of the home. */
  constructor(sql: SqlStorage, origin: string, hasLimit: boolean) {
    this.#sql = sql
    this.#origin = origin
    this.#hasLimit = hasLimit
  }

  /** `isWhole` is false if a proxy cut the load off, so that the full load would have taken longer. */
  add({ model, digest, size }: Weights, ms: number, isWhole: boolean) {
    this.#sql.exec(
      'INSERT INTO model_load (origin, model, digest, size, ms, is_whole) VALUES (?, ?, ?, ?, ?, ?)',
      this.#origin,
      model,
      digest,
      size,
      Math.round(ms),
      isWhole ? 1 : 0,
    )
    this.#sql.exec(
      'DELETE FROM model_load WHERE id <= (SELECT MAX(id) FROM model_load) - ?',
      ROWS_RETAINED,
    )
  }

  outlook(weights: Weights): Outlook {
    const rows = this.#rows()
    const own = rows.filter((row) => isSame(row, weights)).slice(0, SAMPLE_SIZE)
    const coldMs = median(own.filter(isWhole).map(({ ms }) => ms)) ?? estimate(rows, weights)
    const wasCutOff = own[0] !== undefined && !isWhole(own[0])
    const mayExceed = coldMs !== null && coldMs > SAFE_SHARE * this.#silentLimitMs(rows)
    return { coldMs, mayExceed: wasCutOff || mayExceed }
  }

  #rows(): Row[] {
    return this.#sql
      .exec<Row>(
        'SELECT model, digest, size, ms, is_whole FROM model_load WHERE origin = ? ORDER BY id DESC',
        this.#origin,
      )
      .toArray()
  }

  #silentLimitMs(rows: readonly Row[]): number {
    const cuts = rows
      .filter((row) => !isWhole(row) && row.ms > SHORTEST_SILENT_LIMIT_MS)
      .map(({ ms }) => ms)
    return Math.min(...cuts, this.#hasLimit ? SILENT_LIMIT_MS : Infinity)
  }
}

const isWhole = ({ is_whole }: Row) => is_whole === 1

/** Models with the same digest are the same file, and load alike. */
const isSame = (row: Row, { model, digest }: Weights) =>
  digest === null || row.digest === null ? row.model === model : row.digest === digest

/** Estimates by size from other models: they come from the same disk. */
function estimate(rows: readonly Row[], { size }: Weights): number | null {
  const msPerByte = rows
    .filter(isWhole)
    .slice(0, SAMPLE_SIZE)
    .flatMap((row) => (row.size ? row.ms / row.size : []))
  const typical = median(msPerByte)
  return typical === null || size === null ? null : Math.round(typical * size)
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? null
}
