import { api } from '$lib/api'
import type { AlertsChange, AlertsView, Delivery } from '$lib/contract/alerts'
import type { Problem } from '$lib/contract/problem'

/** How the owner is told, as Home has it. */
class AlertsState {
  view = $state.raw<AlertsView | null>(null)
  /** How the last test ended, one line per receiver. */
  outcomes = $state.raw<Delivery[] | null>(null)
  isTesting = $state(false)
  /** What went wrong last, in a sentence. */
  trouble = $state('')

  async load() {
    await this.#ask(async () => this.#take(await api.api.alerts.$get()))
  }

  async change(json: AlertsChange) {
    await this.#ask(async () => this.#take(await api.api.alerts.$put({ json })))
  }

  async test() {
    this.isTesting = true
    this.outcomes = null
    await this.#ask(async () => {
      const response = await api.api.alerts.test.$post()
      if (!response.ok) throw await refusal(response)
      this.outcomes = (await response.json()).outcomes
    })
    this.isTesting = false
    await this.load()
  }

  async removeDevice(id: number) {
    await this.#ask(async () => {
      const response = await api.api.alerts.subscriptions.$delete({ json: { id } })
      if (!response.ok) throw await refusal(response)
    })
    await this.load()
  }

  async #take(response: Response) {
    if (!response.ok) throw await refusal(response)
    this.view = (await response.json()) as AlertsView
  }

  async #ask(act: () => Promise<void>) {
    try {
      await act()
      this.trouble = ''
    } catch (error) {
      this.trouble =
        error instanceof Told
          ? error.message
          : 'Porchlight itself does not answer. Try again in a moment.'
    }
  }
}

/** What our own server said to it. */
export class Told extends Error {}

export const refusal = async (response: { json: () => Promise<unknown> }) =>
  new Told(((await response.json()) as Problem).detail)

export const alerts = new AlertsState()
