import type { Outlook } from '../../src/lib/contract/warmth.ts'
import type { Weights } from './port.ts'

/** Cloudflare ends a request after about 100 s without a byte, and nothing else before a public name is known to wait longer. ms. */
const SILENT_LIMIT_MS = 100_000
/** Nothing waits for less; what was cut sooner was cut for another reason. ms. */
const SURELY_A_LIMIT_MS = 10_000
/** Of the limit: a load is not the same each time, and the prompt must be read in silence, too. */
const SAFE_SHARE = 0.7
/** Loads that are looked at, the newest first; so many are kept, too. */
const LOOKED_AT = 5
const KEPT = 200

type Row = {
  model: string
  digest: string | null
  size: number | null
  ms: number
  is_whole: number
}

/** How long loads took at one home. Another address is another home. `hasLimit`: a proxy with the usual limit may stand before it. */
export function loadsOf(sql: SqlStorage, origin: string, hasLimit: boolean) {
  /** `isWhole`: false when a proxy cut it, so that it would have taken longer. */
  function add({ model, digest, size }: Weights, ms: number, isWhole: boolean) {
    sql.exec(
      'INSERT INTO model_load (origin, model, digest, size, ms, is_whole) VALUES (?, ?, ?, ?, ?, ?)',
      ...[origin, model, digest, size, Math.round(ms), isWhole ? 1 : 0],
    )
    sql.exec('DELETE FROM model_load WHERE id <= (SELECT MAX(id) FROM model_load) - ?', KEPT)
  }

  function outlook(weights: Weights): Outlook {
    const rows = sql
      .exec<Row>(
        'SELECT model, digest, size, ms, is_whole FROM model_load WHERE origin = ? ORDER BY id DESC',
        origin,
      )
      .toArray()
    const own = rows.filter((row) => isSame(row, weights)).slice(0, LOOKED_AT)
    const coldMs = median(own.filter(isWhole).map(({ ms }) => ms)) ?? estimated(rows, weights)
    const cuts = rows
      .filter((row) => !isWhole(row) && row.ms > SURELY_A_LIMIT_MS)
      .map(({ ms }) => ms)
    const limits = hasLimit ? [...cuts, SILENT_LIMIT_MS] : cuts
    const wasCut = own[0] !== undefined && !isWhole(own[0])
    return {
      coldMs,
      mayExceed: wasCut || (coldMs !== null && coldMs > SAFE_SHARE * Math.min(...limits)),
    }
  }

  return { add, outlook }
}

export type Loads = ReturnType<typeof loadsOf>

const isWhole = ({ is_whole }: Row) => is_whole === 1

/** Models of one file load alike. */
const isSame = (row: Row, { model, digest }: Weights) =>
  digest === null || row.digest === null ? row.model === model : row.digest === digest

/** By the size of what was loaded here before: the disk is the same. */
function estimated(rows: readonly Row[], { size }: Weights): number | null {
  const msPerByte = rows
    .filter(isWhole)
    .slice(0, LOOKED_AT)
    .flatMap((row) => (row.size ? row.ms / row.size : []))
  const usual = median(msPerByte)
  return usual === null || size === null ? null : Math.round(usual * size)
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? null
}
