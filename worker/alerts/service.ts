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

/** The owner's alert settings. Remembers the address that the owner uses, because alerts link to it. */
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
    this.#alerts.rememberOrigin(origin)
    this.#alerts.change(change)
    return this.view()
  }

  sendTest(origin: string): Promise<Delivery[]> {
    this.#alerts.rememberOrigin(origin)
    return this.#alerts.sendTest(Date.now())
  }

  publicKey(): Promise<string | null> {
    return this.#alerts.publicKey()
  }

  subscribe(subscription: Subscription, origin: string): boolean {
    this.#alerts.rememberOrigin(origin)
    return this.#alerts.subscribe(subscription, Date.now())
  }

  unsubscribe(which: Unsubscription): boolean {
    return this.#alerts.unsubscribe(which)
  }
}
