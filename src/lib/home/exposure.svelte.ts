import { api } from '$lib/api'
import type { ExposureReport } from '$lib/contract/exposure'

/** Whether strangers can use the home: asked once when the page opens, by its owner alone. */
class ExposureState {
  report = $state.raw<ExposureReport | null>(null)
  #isAsked = false

  async load() {
    if (this.#isAsked) return
    this.#isAsked = true
    await this.#take(api.api.exposure.$get({ query: {} }))
  }

  look = () => this.#take(api.api.exposure.$get({ query: { fresh: '1' } }))

  hide = (days: number) => this.#take(api.api.exposure.hide.$post({ json: { days } }))

  async #take(asked: Promise<{ ok: boolean; json: () => Promise<unknown> }>) {
    const response = await asked.catch(() => null)
    if (response?.ok) this.report = (await response.json()) as ExposureReport
  }
}

export const exposure = new ExposureState()
