import type { AlertsChange, AlertsView, Channel } from '../../src/lib/contract/alerts.ts'
import type { VapidKeys } from './config.ts'
import { iso } from '../time.ts'

/** The latest time that a `Date` can hold stands for a mute without an end. */
const FOREVER = 8_640_000_000_000_000

type Row = {
  instance: string
  origin: string | null
  vapid: string | null
  muted_until: number | null
  maintenance_from: number | null
  maintenance_to: number | null
  off: string
}

/** The owner's alert settings, and what identifies this Porchlight to receivers. */
export class AlertSettings {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** The address at which the owner uses Porchlight. Alerts link to it. */
  rememberOrigin(origin: string) {
    if (this.#row().origin !== origin) this.#set('origin', origin)
  }

  change({ mute, maintenance, channels = {} }: AlertsChange) {
    if (mute !== undefined)
      this.#set('muted_until', mute && (mute.until === null ? FOREVER : Date.parse(mute.until)))
    if (maintenance !== undefined) {
      this.#set('maintenance_from', maintenance && Date.parse(maintenance.from))
      this.#set('maintenance_to', maintenance && Date.parse(maintenance.to))
    }
    this.#switchChannels(Object.entries(channels) as [Channel, boolean | undefined][])
  }

  /** Muted or in maintenance: alerts about new failures wait. */
  isMuted(now: number): boolean {
    const { muted_until: until } = this.#row()
    return (until !== null && now < until) || this.isInMaintenance(now)
  }

  isInMaintenance(now: number): boolean {
    const { maintenance_from: from, maintenance_to: to } = this.#row()
    return from !== null && to !== null && now >= from && now < to
  }

  isOff(channel: Channel): boolean {
    return channelsOff(this.#row()).includes(channel)
  }

  /** Leaves out a mute or a maintenance that has ended. */
  view(now: number): Pick<AlertsView, 'mute' | 'maintenance'> {
    const { muted_until: muted, maintenance_from: from, maintenance_to: to } = this.#row()
    return {
      mute: muted !== null && now < muted ? { until: muted === FOREVER ? null : iso(muted) } : null,
      maintenance:
        from !== null && to !== null && now < to ? { from: iso(from), to: iso(to) } : null,
    }
  }

  vapidKeys(): VapidKeys | null {
    return JSON.parse(this.#row().vapid ?? 'null') as VapidKeys | null
  }

  saveVapidKeys(keys: VapidKeys) {
    this.#set('vapid', JSON.stringify(keys))
  }

  identity(): Pick<Row, 'instance' | 'origin'> {
    return this.#row()
  }

  #switchChannels(switches: readonly [Channel, boolean | undefined][]) {
    const off = new Set(channelsOff(this.#row()))
    for (const [channel, isOn] of switches)
      if (isOn !== undefined) off[isOn ? 'delete' : 'add'](channel)
    if (switches.length > 0) this.#set('off', JSON.stringify([...off]))
  }

  #row(): Row {
    const row = this.#find()
    if (row) return row
    const instance = crypto.randomUUID().slice(0, 8)
    this.#sql.exec(`INSERT INTO alert_settings (id, instance, off) VALUES (1, ?, '[]')`, instance)
    return this.#row()
  }

  #find(): Row | undefined {
    return this.#sql.exec<Row>('SELECT * FROM alert_settings').toArray()[0]
  }

  #set(column: Exclude<keyof Row, 'instance'>, value: string | number | null) {
    this.#row()
    this.#sql.exec(`UPDATE alert_settings SET ${column} = ?`, value)
  }
}

const channelsOff = ({ off }: Row) => JSON.parse(off) as Channel[]
