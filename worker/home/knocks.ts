const WINDOW_MS = 60_000
/** Wrong secrets that are looked at in a window, at one share or from one network. */
const MOST = 20

/** Counts who tries doors. It never keeps out whoever has the right secret. Times in ms since 1970. */
export function knocksOf(sql: SqlStorage) {
  /** Counts one at each door, and says whether it is too often at any. */
  return function knock(doors: readonly string[], now: number): boolean {
    sql.exec('DELETE FROM knock WHERE since <= ?', now - WINDOW_MS)
    const counts = doors.map(
      (door) =>
        sql
          .exec<{ count: number }>(
            `INSERT INTO knock (door, count, since) VALUES (?, 1, ?)
             ON CONFLICT (door) DO UPDATE SET count = count + 1 RETURNING count`,
            ...[door, now],
          )
          .one().count,
    )
    return counts.some((count) => count > MOST)
  }
}
