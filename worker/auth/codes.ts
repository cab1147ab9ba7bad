/** More unused codes than one owner needs at once; the oldest become invalid. */
const MAX_UNUSED = 20

/** One-time codes: each signs in one device. The database holds their hashes. */
export class Codes {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Adding the same code again changes nothing. */
  add(hash: string, expiresAt: number, now: number) {
    this.#sql.exec(
      'INSERT OR IGNORE INTO sign_in_code (hash, expires_at) VALUES (?, ?)',
      hash,
      expiresAt,
    )
    this.#sql.exec(
      `UPDATE sign_in_code SET used_at = ? WHERE used_at IS NULL AND hash NOT IN
         (SELECT hash FROM sign_in_code WHERE used_at IS NULL ORDER BY expires_at DESC LIMIT ?)`,
      now,
      MAX_UNUSED,
    )
  }

  /** `true` for a valid code, once. */
  consume(hash: string, now: number): boolean {
    const { rowsWritten } = this.#sql.exec(
      'UPDATE sign_in_code SET used_at = ? WHERE hash = ? AND used_at IS NULL AND expires_at > ?',
      now,
      hash,
      now,
    )
    return rowsWritten > 0
  }

  invalidateAll(now: number) {
    this.#sql.exec('UPDATE sign_in_code SET used_at = ? WHERE used_at IS NULL', now)
  }
}
