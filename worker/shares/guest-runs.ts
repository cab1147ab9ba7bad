/** How many runs of one link are refunded. Each refund leaves rows behind and costs the home a request. */
const MAX_REFUNDS = 100

/** The runs that guests start, and how many a pass has left. */
export class GuestRuns {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** `false` if no runs are left. A single statement, so that simultaneous requests cannot use more runs than there are. */
  consume(share: string, now: number): boolean {
    const rows = this.#sql.exec(
      'UPDATE share SET runs_used = runs_used + 1 WHERE id = ? AND revoked_at IS NULL AND expires_at > ? AND runs_used < runs_max RETURNING id',
      share,
      now,
    )
    return rows.toArray().length > 0
  }

  /** The run that was already started with this idempotency key. */
  startedWith(share: string, idempotencyKey: string): string | null {
    const [row] = this.#sql
      .exec<{ run_id: string }>(
        'SELECT run_id FROM guest_run WHERE share_id = ? AND click = ?',
        share,
        idempotencyKey,
      )
      .toArray()
    return row?.run_id ?? null
  }

  record(share: string, idempotencyKey: string, run: string) {
    this.#sql.exec(
      'INSERT INTO guest_run (run_id, share_id, click) VALUES (?, ?, ?)',
      run,
      share,
      idempotencyKey,
    )
  }

  /** Refunds each run once, and only so many per link: otherwise failing runs could be started indefinitely. */
  refund(run: string) {
    const [row] = this.#sql
      .exec<{ share_id: string }>(
        `UPDATE guest_run SET is_refunded = 1 WHERE run_id = ? AND is_refunded = 0 AND ? > (
           SELECT count(*) FROM guest_run AS other WHERE other.share_id = guest_run.share_id AND other.is_refunded = 1
         ) RETURNING share_id`,
        run,
        MAX_REFUNDS,
      )
      .toArray()
    if (row)
      this.#sql.exec(
        'UPDATE share SET runs_used = runs_used - 1 WHERE id = ? AND runs_used > 0',
        row.share_id,
      )
  }

  of(share: string): string[] {
    return this.#sql
      .exec<{ run_id: string }>('SELECT run_id FROM guest_run WHERE share_id = ?', share)
      .toArray()
      .map(({ run_id }) => run_id)
  }
}
