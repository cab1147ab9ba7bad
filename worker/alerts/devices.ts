import type { AlertsView, Subscription } from '../../src/lib/contract/alerts.ts'
import type { PushTarget } from './channels/push.ts'
import { iso } from '../time.ts'

const MAX_DEVICES = 20

export type Device = PushTarget & { id: number; device: string; added_at: number }

/** The browsers that subscribed to alerts. */
export class Devices {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  list(): Device[] {
    return this.#sql
      .exec<Device>('SELECT id, endpoint, p256dh, auth, device, added_at FROM push_device')
      .toArray()
  }

  /** A browser that subscribes again replaces its keys. Returns `false` if the list is full. */
  add({ endpoint, keys, device }: Subscription, now: number): boolean {
    const devices = this.list()
    if (devices.length >= MAX_DEVICES && !devices.some((one) => one.endpoint === endpoint))
      return false
    this.#sql.exec(
      `INSERT INTO push_device (endpoint, p256dh, auth, device, added_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (endpoint) DO UPDATE SET p256dh = excluded.p256dh, auth = excluded.auth, device = excluded.device`,
      ...[endpoint, keys.p256dh, keys.auth, device || 'A browser', now],
    )
    return true
  }

  remove(id: number) {
    this.#sql.exec('DELETE FROM push_device WHERE id = ?', id)
  }

  view(): AlertsView['devices'] {
    return this.list().map(({ id, device, added_at }) => ({
      id,
      device,
      addedAt: iso(added_at),
    }))
  }
}
