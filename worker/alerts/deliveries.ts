import type { AlertKind, Channel, Delivery } from '../../src/lib/contract/alerts.ts'

/** So many of the newest are kept. */
const KEPT = 100

type Row = { at: number; channel: Channel; device: string | null; kind: AlertKind; why: string }

/** How every sending ended. */
export function deliveriesOf(sql: SqlStorage) {
  /** `why`: empty when it arrived. */
  function add(row: Row): Delivery {
    const { at, channel, device, kind, why } = row
    sql.exec(
      'INSERT INTO delivery (at, channel, device, kind, why) VALUES (?, ?, ?, ?, ?)',
      ...[at, channel, device, kind, why],
    )
    sql.exec('DELETE FROM delivery WHERE id <= (SELECT MAX(id) FROM delivery) - ?', KEPT)
    return shownOf(row)
  }

  const list = (): Delivery[] =>
    sql
      .exec<Row>('SELECT at, channel, device, kind, why FROM delivery ORDER BY id DESC')
      .toArray()
      .map(shownOf)

  return { add, list }
}

const shownOf = ({ at, channel, device, kind, why }: Row): Delivery => ({
  at: new Date(at).toISOString(),
  channel,
  device,
  kind,
  ok: why === '',
  why,
})
