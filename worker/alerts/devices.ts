import type { AlertsView, Subscription } from '../../src/lib/contract/alerts.ts'
import type { PushTarget } from './channels/push.ts'

/** More than anybody has in hand. */
const MOST = 20

export type Device = PushTarget & { id: number; device: string; added_at: number }

/** The browsers that asked to be told. */
export function devicesOf(sql: SqlStorage) {
  const list = () =>
    sql
      .exec<Device>('SELECT id, endpoint, p256dh, auth, device, added_at FROM push_device')
      .toArray()

  /** The same browser again gets its new keys. `false`: there are too many already. */
  function add({ endpoint, keys, device }: Subscription, now: number): boolean {
    const known = list()
    if (known.length >= MOST && !known.some((one) => one.endpoint === endpoint)) return false
    sql.exec(
      `INSERT INTO push_device (endpoint, p256dh, auth, device, added_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (endpoint) DO UPDATE SET p256dh = excluded.p256dh, auth = excluded.auth, device = excluded.device`,
      ...[endpoint, keys.p256dh, keys.auth, device || 'A browser', now],
    )
    return true
  }

  function remove(id: number) {
    sql.exec('DELETE FROM push_device WHERE id = ?', id)
  }

  const shown = (): AlertsView['devices'] =>
    list().map(({ id, device, added_at }) => ({
      id,
      device,
      addedAt: new Date(added_at).toISOString(),
    }))

  return { list, add, remove, shown }
}
