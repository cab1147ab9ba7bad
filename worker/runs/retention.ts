import type { StoredRuns, RunRetention } from '../../src/lib/contract/settings.ts'

/** Guests' runs that are kept beside the others, newest ones; more of them go first, so that no guest drives out what is the owner's. */
const GUESTS_KEPT = 20

/** The runs that are more than is kept, oldest ones. What is not over, and the newest, stays in any case. */
const OVER = `WITH run_rank AS (
    SELECT id, ended_at, bytes, lane = 'guest' AND ROW_NUMBER() OVER (PARTITION BY lane ORDER BY id DESC) > ${GUESTS_KEPT} AS is_spare
    FROM run
  )
  SELECT id FROM (
    SELECT id, ended_at, ROW_NUMBER() OVER newest AS nth, SUM(bytes) OVER newest AS total
    FROM run_rank WINDOW newest AS (ORDER BY is_spare, id DESC)
  ) WHERE ended_at IS NOT NULL AND nth > 1 AND (nth > ? OR total > ?)`

const overFor = (sql: SqlStorage, { runs, megabytes }: RunRetention) =>
  sql.exec<{ id: string }>(OVER, runs, megabytes * 1_000_000).toArray()

export function forgetOldest(sql: SqlStorage, kept: RunRetention, remove: (id: string) => void) {
  for (const { id } of overFor(sql, kept)) remove(id)
}

/** How many would be forgotten at once if no more than this were kept. */
export const countOver = (sql: SqlStorage, kept: RunRetention): number => overFor(sql, kept).length

export const holdingOf = (sql: SqlStorage): StoredRuns =>
  sql
    .exec<{ runs: number; bytes: number }>(
      'SELECT count(*) AS runs, coalesce(sum(bytes), 0) AS bytes FROM run',
    )
    .one()
