import type { LastSeen } from '../../src/lib/contract/health.ts'
import type { Verdict } from '../../src/lib/diagnosis/index.ts'
import type { KeptVerdict } from './port.ts'
import { iso } from '../time.ts'

type Row = {
  verdict: string
  checked_at: number
  since: number
  seen_at: number | null
  seen_version: string | null
  seen_models: string | null
}

const COLUMNS = 'verdict, checked_at, since, seen_at, seen_version, seen_models'

/** The stored verdict of one home. Another address is another home, so its verdict is not used. */
export function verdictsOf(sql: SqlStorage, origin: string) {
  function latest(): KeptVerdict | null {
    const [row] = sql
      .exec<Row>(`SELECT ${COLUMNS} FROM home WHERE id = 1 AND origin = ?`, origin)
      .toArray()
    return row ? readRow(row) : null
  }

  function keep(verdict: Verdict, checkedAt: number): KeptVerdict {
    const before = latest()
    const isSame =
      before?.verdict.cause === verdict.cause && before.verdict.status === verdict.status
    const since = isSame ? before.since : checkedAt
    const lastSeen = seenNow(verdict, checkedAt) ?? before?.lastSeen ?? null
    sql.exec(
      `INSERT OR REPLACE INTO home (id, origin, ${COLUMNS}) VALUES (1, ?, ?, ?, ?, ?, ?, ?)`,
      origin,
      JSON.stringify(verdict),
      checkedAt,
      since,
      lastSeen ? Date.parse(lastSeen.at) : null,
      lastSeen?.version ?? null,
      lastSeen ? JSON.stringify(lastSeen.models) : null,
    )
    return { verdict, checkedAt, since, lastSeen }
  }

  return { latest, keep }
}

/** `null` unless everything is known: a failed list must not replace the one from before. */
const seenNow = ({ version, models }: Verdict, at: number): LastSeen | null =>
  version === null || models === null ? null : { at: iso(at), version, models: [...models] }

function readRow(row: Row): KeptVerdict {
  const lastSeen =
    row.seen_at !== null && row.seen_version !== null && row.seen_models !== null
      ? {
          at: iso(row.seen_at),
          version: row.seen_version,
          models: JSON.parse(row.seen_models) as string[],
        }
      : null
  return {
    verdict: JSON.parse(row.verdict) as Verdict,
    checkedAt: row.checked_at,
    since: row.since,
    lastSeen,
  }
}
