/** More codes than a person asks for at once; the oldest go. */
const MOST = 20

/** One-time codes: each opens one session. `hash` is of the code. Times in ms since 1970. */
export function codesOf(sql: SqlStorage) {
  /** The same code a second time changes nothing. */
  function offer(hash: string, expiresAt: number, now: number) {
    sql.exec('INSERT OR IGNORE INTO sign_in_code (hash, expires_at) VALUES (?, ?)', hash, expiresAt)
    sql.exec(
      `UPDATE sign_in_code SET used_at = ? WHERE used_at IS NULL AND hash NOT IN
         (SELECT hash FROM sign_in_code WHERE used_at IS NULL ORDER BY expires_at DESC LIMIT ?)`,
      now,
      MOST,
    )
  }

  /** Whether it opens; it does so once. */
  const take = (hash: string, now: number): boolean =>
    sql.exec(
      'UPDATE sign_in_code SET used_at = ? WHERE hash = ? AND used_at IS NULL AND expires_at > ?',
      now,
      hash,
      now,
    ).rowsWritten > 0

  /** Who signs out everywhere means the codes that are under way, too. */
  const spoil = (now: number) =>
    void sql.exec('UPDATE sign_in_code SET used_at = ? WHERE used_at IS NULL', now)

  return { offer, take, spoil }
}
