import type { StoredRuns, RunRetention } from '../../src/lib/contract/settings.ts'

/** Guests' runs beyond this number are deleted first, so that guests cannot displace the owner's runs. */
const GUEST_RUNS_RETAINED = 20

/** The runs beyond the limits, oldest first. Unfinished runs and the newest run are always retained. */
const EXCESS = `WITH run_rank AS (
    SELECT id, ended_at, bytes, lane = 'guest' AND ROW_NUMBER() OVER (PARTITION BY lane ORDER BY id DESC) > ${GUEST_RUNS_RETAINED} AS is_spare
    FROM run
  )
  SELECT id FROM (
    SELECT id, ended_at, ROW_NUMBER() OVER newest AS nth, SUM(bytes) OVER newest AS total
    FROM run_rank WINDOW newest AS (ORDER BY is_spare, id DESC)
  ) WHERE ended_at IS NOT NULL AND nth > 1 AND (nth > ? OR total > ?)`

/** Deletes the runs that exceed the owner's limits. */
export class Retention {
  readonly #sql: SqlStorage
  readonly #remove: (id: string) => void

  constructor(sql: SqlStorage, remove: (id: string) => void) {
    this.#sql = sql
    this.#remove = remove
  }

  purge(limits: RunRetention) {
    for (const { id } of this.#excess(limits)) this.#remove(id)
  }

  /** How many runs these limits would delete. */
  countExcess(limits: RunRetention): number {
    return this.#excess(limits).length
  }

  usage(): StoredRuns {
    return this.#sql
      .exec<{ runs: number; bytes: number }>(
        'SELECT count(*) AS runs, coalesce(sum(bytes), 0) AS bytes FROM run',
      )
      .one()
  }

  #excess({ runs, megabytes }: RunRetention) {
    return this.#sql.exec<{ id: string }>(EXCESS, runs, megabytes * 1_000_000).toArray()
  }
}
