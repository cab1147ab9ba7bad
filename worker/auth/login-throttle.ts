/** Failed sign-ins without a penalty; each further one doubles the wait. All networks together have their own count. */
const FREE = { network: 3, all: 20 } as const
const MAX_WAIT_MS = 60_000
const FORGET_AFTER_MS = 15 * 60_000
const ALL = 'all'

type Row = { source: string; count: number; last_at: number }

/** Counts failed sign-ins, by network and in total, so that guessing gets slower. */
export class LoginThrottle {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Until the next attempt from this network is checked. */
  waitMs(network: string, now: number): number {
    const waits = this.#rows(network, now).map(
      ({ source, count, last_at }) =>
        last_at + waitAfter(count, source === ALL ? FREE.all : FREE.network) - now,
    )
    return Math.max(0, ...waits)
  }

  recordFailure(network: string, now: number) {
    this.#sql.exec('DELETE FROM wrong_try WHERE last_at <= ?', now - FORGET_AFTER_MS)
    for (const source of [sourceOf(network), ALL])
      this.#sql.exec(
        'INSERT INTO wrong_try (source, count, last_at) VALUES (?1, 1, ?2) ON CONFLICT (source) DO UPDATE SET count = count + 1, last_at = ?2',
        source,
        now,
      )
  }

  reset(network: string) {
    this.#sql.exec('DELETE FROM wrong_try WHERE source = ?', sourceOf(network))
  }

  #rows(network: string, now: number): Row[] {
    return this.#sql
      .exec<Row>(
        'SELECT * FROM wrong_try WHERE source IN (?, ?) AND last_at > ?',
        sourceOf(network),
        ALL,
        now - FORGET_AFTER_MS,
      )
      .toArray()
  }
}

const sourceOf = (network: string) => `from ${network}`

const waitAfter = (count: number, free: number) =>
  count <= free ? 0 : Math.min(1000 * 2 ** (count - free), MAX_WAIT_MS)
