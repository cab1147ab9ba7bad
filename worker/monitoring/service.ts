import { RpcTarget } from 'cloudflare:workers'
import type { History, IncidentList, Resolution, Watch } from '../../src/lib/contract/history.ts'
import type { Implements } from '../ports.ts'
import type { IncidentQuery } from './incidents.ts'
import type { Monitor } from './monitor.ts'
import type { MonitoringPort } from './port.ts'

/** What the monitor has recorded. */
export class MonitoringService extends RpcTarget implements Implements<MonitoringPort> {
  readonly #monitor: Monitor
  readonly #maintenanceAt: (now: number) => Watch['maintenance']

  constructor(monitor: Monitor, maintenanceAt: (now: number) => Watch['maintenance']) {
    super()
    this.#monitor = monitor
    this.#maintenanceAt = maintenanceAt
  }

  history(res: Resolution, from: number, to: number): History {
    return this.#monitor.history(res, from, to)
  }

  incidents(query: IncidentQuery): IncidentList {
    return this.#monitor.incidents(query)
  }

  failures(): string {
    return this.#monitor.failures()
  }

  status(): Watch {
    const now = Date.now()
    return { ...this.#monitor.status(now), maintenance: this.#maintenanceAt(now) }
  }
}
