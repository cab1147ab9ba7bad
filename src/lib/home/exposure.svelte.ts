import { api, request } from '$lib/api'
import type { ExposureReport } from '$lib/contract/exposure'

/** Whether strangers can use the home. Only the owner may know. */
class ExposureState {
  /** `null`: not known. */
  report = $state.raw<ExposureReport | null>(null)
  #isRequested = false

  /** Only once: the page calls this whenever it learns something about the home. */
  async load() {
    if (this.#isRequested) return
    this.#isRequested = true
    await this.#take(request(api.api.exposure.$get({ query: {} })))
  }

  checkAgain = () => this.#take(request(api.api.exposure.$get({ query: { fresh: '1' } })))

  hide = (days: number) => this.#take(request(api.api.exposure.hide.$post({ json: { days } })))

  async #take(sent: Promise<ExposureReport>) {
    this.report = await sent.catch(() => this.report)
  }
}

export const exposure = new ExposureState()
