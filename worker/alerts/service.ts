import { RpcTarget } from 'cloudflare:workers'
import type {
  AlertsChange,
  AlertsView,
  Delivery,
  Subscription,
  Unsubscription,
} from '../../src/lib/contract/alerts.ts'
import type { Implements } from '../ports.ts'
import type { Alerts } from './alerts.ts'
import type { AlertsPort } from './port.ts'

/** Alerts as the owner sets them up. Each call remembers the address that the owner uses, because alerts link to it. */
export class AlertsService extends RpcTarget implements Implements<AlertsPort> {
  readonly #alerts: Alerts

  constructor(alerts: Alerts) {
    super()
    this.#alerts = alerts
  }

  view(): AlertsView {
    return this.#alerts.view(Date.now())
  }

  change(change: AlertsChange, origin: string): AlertsView {
    this.#alerts.remember(origin)
    this.#alerts.change(change)
    return this.view()
  }

  test(origin: string): Promise<Delivery[]> {
    this.#alerts.remember(origin)
    return this.#alerts.test(Date.now())
  }

  key(): Promise<string | null> {
    return this.#alerts.publicKey()
  }

  subscribe(subscription: Subscription, origin: string): boolean {
    this.#alerts.remember(origin)
    return this.#alerts.subscribe(subscription, Date.now())
  }

  unsubscribe(which: Unsubscription): boolean {
    return this.#alerts.unsubscribe(which)
  }
}
