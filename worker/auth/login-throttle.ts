/** Wrong tries that cost nothing; after them each doubles the wait. Everybody together has a count of their own. */
const FREE = { one: 3, all: 20 } as const
const LONGEST_WAIT_MS = 60_000
const FORGET_AFTER_MS = 15 * 60_000
const ALL = 'all'

type Row = { source: string; count: number; last_at: number }

/** Counts wrong keys and codes, by network and together, so that guessing gets slower. ms. */
export function triesOf(sql: SqlStorage) {
  /** How long until a wrong try is looked at again. */
  function wait(source: string, now: number): number {
    const waits = rows(source, now).map(
      ({ source, count, last_at }) =>
        last_at + waitAfter(count, source === ALL ? FREE.all : FREE.one) - now,
    )
    return Math.max(0, ...waits)
  }

  /** Counts a wrong one, and says how long the next must wait. */
  function count(source: string, now: number): number {
    sql.exec('DELETE FROM wrong_try WHERE last_at <= ?', now - FORGET_AFTER_MS)
    for (const one of [`from ${source}`, ALL])
      sql.exec(
        'INSERT INTO wrong_try (source, count, last_at) VALUES (?1, 1, ?2) ON CONFLICT (source) DO UPDATE SET count = count + 1, last_at = ?2',
        one,
        now,
      )
    return wait(source, now)
  }

  const rows = (source: string, now: number) =>
    sql
      .exec<Row>(
        'SELECT * FROM wrong_try WHERE source IN (?, ?) AND last_at > ?',
        `from ${source}`,
        ALL,
        now - FORGET_AFTER_MS,
      )
      .toArray()

  const forget = (source: string) =>
    void sql.exec('DELETE FROM wrong_try WHERE source = ?', `from ${source}`)

  return { wait, count, forget }
}

const waitAfter = (count: number, free: number) =>
  count <= free ? 0 : Math.min(1000 * 2 ** (count - free), LONGEST_WAIT_MS)
