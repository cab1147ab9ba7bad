import type { Holding, Kept } from '../../src/lib/contract/settings.ts'

/** The runs that are more than is kept, oldest ones. What is not over, and the newest, stays in any case. */
const OVER = `SELECT id FROM (
    SELECT id, ended_at, ROW_NUMBER() OVER newest AS nth, SUM(bytes) OVER newest AS total
    FROM run WINDOW newest AS (ORDER BY id DESC)
  ) WHERE ended_at IS NOT NULL AND nth > 1 AND (nth > ? OR total > ?)`

const overFor = (sql: SqlStorage, { runs, megabytes }: Kept) =>
  sql.exec<{ id: string }>(OVER, runs, megabytes * 1_000_000).toArray()

export function forgetOldest(sql: SqlStorage, kept: Kept, remove: (id: string) => void) {
  for (const { id } of overFor(sql, kept)) remove(id)
}

/** How many would be forgotten at once if no more than this were kept. */
export const countOver = (sql: SqlStorage, kept: Kept): number => overFor(sql, kept).length

export const holdingOf = (sql: SqlStorage): Holding =>
  sql.exec<{ runs: number; bytes: number }>('SELECT count(*) AS runs, coalesce(sum(bytes), 0) AS bytes FROM run').one()
