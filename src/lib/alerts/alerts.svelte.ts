import { api, failureOf, request } from '$lib/api'
import type { AlertsChange, AlertsView, Delivery } from '$lib/contract/alerts'

/** How the owner is notified. */
class AlertsState {
  /** `null`: not loaded yet. */
  view = $state.raw<AlertsView | null>(null)
  /** The deliveries of the last test. */
  outcomes = $state.raw<Delivery[] | null>(null)
  isTesting = $state(false)
  /** What the last action failed of; empty when it succeeded. */
  failure = $state('')

  async load() {
    this.failure = await failureOf(() => this.#load())
  }

  async change(json: AlertsChange) {
    this.failure = await failureOf(async () => {
      this.view = await request(api.api.alerts.$put({ json }))
    })
  }

  async test() {
    this.isTesting = true
    this.outcomes = null
    this.failure = await failureOf(async () => {
      this.outcomes = (await request(api.api.alerts.test.$post())).outcomes
      await this.#load()
    })
    this.isTesting = false
  }

  async removeDevice(id: number) {
    this.failure = await failureOf(async () => {
      await api.api.alerts.subscriptions.$delete({ json: { id } })
      await this.#load()
    })
  }

  async #load() {
    this.view = await request(api.api.alerts.$get())
  }
}

export const alerts = new AlertsState()
