import { api } from '$lib/api'
import type { Problem } from '$lib/contract/problem'
import type { Loaded, WarmRequest, WarmUp } from '$lib/contract/warmth'
import { sameModel } from '$lib/diagnosis/names'
import { home } from '../home/home.svelte'

/** The home is asked no more often than this. ms. */
const WHILE_LOADING_MS = 5000
const OTHERWISE_MS = 30_000
const LETTING_GO_MS = 1500
const UNDER_WAY: readonly WarmUp['state'][] = ['queued', 'loading', 'watching']

/** What is in the home's memory, and the model that is being loaded into it. */
class Warmth {
  told = $state.raw<Loaded | null>(null)
  /** Why the last thing asked for was not done. */
  refusal = $state.raw<Problem | null>(null)
  isUnderWay = $derived(UNDER_WAY.some((state) => state === this.told?.warmUp?.state))
  #timer: ReturnType<typeof setTimeout> | undefined

  entryOf(model: string, digest: string | null) {
    return this.told?.models?.find(
      (one) => sameModel(one.name, model) || (digest !== null && one.digest === digest),
    )
  }

  warm(request: WarmRequest) {
    return this.#ask(() => api.api.warm.$post({ json: request }))
  }

  stop() {
    return this.#ask(() => api.api.warm.$delete())
  }

  unload(model: string) {
    return this.#ask(() => api.api.unload.$post({ json: { model } }))
  }

  /** Asks regularly while somebody looks. Returns how to stop. */
  watch(): () => void {
    const look = () => void this.#look()
    look()
    document.addEventListener('visibilitychange', look)
    return () => {
      clearTimeout(this.#timer)
      document.removeEventListener('visibilitychange', look)
    }
  }

  async #ask(send: () => Promise<Response>) {
    const response = await send().catch(() => null)
    this.refusal = response && !response.ok ? ((await response.json()) as Problem) : null
    await this.#look()
    // What is let go of is still listed for a moment.
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#look(), LETTING_GO_MS)
  }

  async #look() {
    clearTimeout(this.#timer)
    const wasUnderWay = this.isUnderWay
    // Asked only by the owner, of a home that answers: a failing request would be noise in the console.
    if (document.visibilityState === 'visible' && home.isUp && !home.isStranger) {
      const response = await api.api.loaded.$get().catch(() => null)
      if (response?.ok) this.told = await response.json()
    }
    if (wasUnderWay && !this.isUnderWay) await home.refreshModels()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => void this.#look(),
      this.isUnderWay ? WHILE_LOADING_MS : OTHERWISE_MS,
    )
  }
}

export const warmth = new Warmth()
