import type {
  AlertsChange,
  AlertsView,
  Delivery,
  Subscription,
  Unsubscription,
} from '../../src/lib/contract/alerts.ts'

/** How the owner is told. `origin`: by what address they use us just now, which is where alerts will lead. */
export interface AlertsPort {
  view: () => Promise<AlertsView>
  change: (change: AlertsChange, origin: string) => Promise<AlertsView>
  test: (origin: string) => Promise<Delivery[]>
  /** `null`: the keys that were set are not usable. */
  key: () => Promise<string | null>
  /** `false`: there are too many already. */
  subscribe: (subscription: Subscription, origin: string) => Promise<boolean>
  /** `false`: there is no such device. */
  unsubscribe: (which: Unsubscription) => Promise<boolean>
}
