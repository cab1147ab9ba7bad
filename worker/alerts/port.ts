import type {
  AlertsChange,
  AlertsView,
  Delivery,
  Subscription,
  Unsubscription,
} from '../../src/lib/contract/alerts.ts'

/** How the owner is notified. `origin` is the address at which the owner uses Porchlight; alerts link to it. */
export interface AlertsPort {
  view: () => Promise<AlertsView>
  change: (change: AlertsChange, origin: string) => Promise<AlertsView>
  sendTest: (origin: string) => Promise<Delivery[]>
  /** `null` if the configured keys are not usable. */
  publicKey: () => Promise<string | null>
  /** `false` if there are too many devices. */
  subscribe: (subscription: Subscription, origin: string) => Promise<boolean>
  /** `false` if there is no such device. */
  unsubscribe: (which: Unsubscription) => Promise<boolean>
}
