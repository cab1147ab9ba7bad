import type { AlertKind, Channel, Delivery } from '../../src/lib/contract/alerts.ts'
import { iso } from '../time.ts'

const MAX_DELIVERIES = 100

type Row = { at: number; channel: Channel; device: string | null; kind: AlertKind; why: string }

/** The log of the newest deliveries and their results. */
export class Deliveries {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** `why` is empty if the receiver accepted the notification. */
  add(row: Row): Delivery {
    const { at, channel, device, kind, why } = row
    this.#sql.exec(
      'INSERT INTO delivery (at, channel, device, kind, why) VALUES (?, ?, ?, ?, ?)',
      ...[at, channel, device, kind, why],
    )
    this.#sql.exec(
      'DELETE FROM delivery WHERE id <= (SELECT MAX(id) FROM delivery) - ?',
      MAX_DELIVERIES,
    )
    return deliveryOf(row)
  }

  /** Newest first. */
  list(): Delivery[] {
    return this.#sql
      .exec<Row>('SELECT at, channel, device, kind, why FROM delivery ORDER BY id DESC')
      .toArray()
      .map(deliveryOf)
  }
}

const deliveryOf = ({ at, channel, device, kind, why }: Row): Delivery => ({
  at: iso(at),
  channel,
  device,
  kind,
  ok: why === '',
  why,
})
