import type { AlertsChange, AlertsView, Channel } from '../../src/lib/contract/alerts.ts'
import type { VapidKeys } from './config.ts'

/** The last moment that a date can name: until it is taken back. */
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

const iso = (ms: number) => new Date(ms).toISOString()

/** What the owner wants of the alerts, and by what name others know us. */
export function alertSettingsOf(sql: SqlStorage) {
  const find = () => sql.exec<Row>('SELECT * FROM alert_settings').toArray()[0]

  function row(): Row {
    const known = find()
    if (known) return known
    sql.exec(
      `INSERT INTO alert_settings (id, instance, off) VALUES (1, ?, '[]')`,
      crypto.randomUUID().slice(0, 8),
    )
    return row()
  }

  function set(column: Exclude<keyof Row, 'instance'>, value: string | number | null) {
    row()
    sql.exec(`UPDATE alert_settings SET ${column} = ?`, value)
  }

  const offOf = ({ off }: Row) => JSON.parse(off) as Channel[]

  /** Where the owner opens us: an alert leads there. */
  function remember(origin: string) {
    if (row().origin !== origin) set('origin', origin)
  }

  function change({ mute, maintenance, channels = {} }: AlertsChange) {
    if (mute !== undefined)
      set('muted_until', mute && (mute.until === null ? FOREVER : Date.parse(mute.until)))
    if (maintenance !== undefined) {
      set('maintenance_from', maintenance && Date.parse(maintenance.from))
      set('maintenance_to', maintenance && Date.parse(maintenance.to))
    }
    const turned = Object.entries(channels) as [Channel, boolean | undefined][]
    const off = new Set(offOf(row()))
    for (const [channel, isOn] of turned)
      if (isOn !== undefined) off[isOn ? 'delete' : 'add'](channel)
    if (turned.length > 0) set('off', JSON.stringify([...off]))
  }

  /** Nothing new is to be told now, by any channel. */
  function isQuiet(now: number): boolean {
    const { muted_until: until } = row()
    return (until !== null && now < until) || isMaintenance(now)
  }

  function isMaintenance(now: number): boolean {
    const { maintenance_from: from, maintenance_to: to } = row()
    return from !== null && to !== null && now >= from && now < to
  }

  const isOff = (channel: Channel) => offOf(row()).includes(channel)

  /** A silence that is over is none. */
  function shown(now: number): Pick<AlertsView, 'mute' | 'maintenance'> {
    const { muted_until: muted, maintenance_from: from, maintenance_to: to } = row()
    return {
      mute: muted !== null && now < muted ? { until: muted === FOREVER ? null : iso(muted) } : null,
      maintenance:
        from !== null && to !== null && now < to ? { from: iso(from), to: iso(to) } : null,
    }
  }

  const vapid = (): VapidKeys | null => JSON.parse(row().vapid ?? 'null') as VapidKeys | null
  const keepVapid = (keys: VapidKeys) => set('vapid', JSON.stringify(keys))
  const names = () => ({ instance: row().instance, origin: row().origin })

  return { remember, change, isQuiet, isMaintenance, isOff, shown, vapid, keepVapid, names }
}
