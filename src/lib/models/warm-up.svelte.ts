import { api, ApiError, request } from '$lib/api'
import type { Loaded, WarmRequest, WarmUp } from '$lib/contract/warmth'
import { sameModel } from '$lib/diagnosis/names'
import { home } from '../home/home.svelte'
import { pollWhileVisible } from '../poll'

const POLL_LOADING_MS = 5000
const POLL_MS = 30_000
/** Ollama still lists a model for a moment after unloading it. */
const UNLOADING_MS = 1500
const UNDER_WAY: readonly WarmUp['state'][] = ['queued', 'loading', 'watching']

/** What is in the home's memory, and the model that is being loaded into it. */
class WarmUpState {
  /** `null`: not known yet. */
  memory = $state.raw<Loaded | null>(null)
  /** Why the last action failed. */
  failure = $state.raw<ApiError | null>(null)
  #loadedAt = 0
  isUnderWay = $derived(UNDER_WAY.some((state) => state === this.memory?.warmUp?.state))

  entryOf(model: string, digest: string | null) {
    return this.memory?.models?.find(
      (one) => sameModel(one.name, model) || (digest !== null && one.digest === digest),
    )
  }

  warm(json: WarmRequest) {
    return this.#act(() => api.api.warm.$post({ json }))
  }

  stop() {
    return this.#act(() => api.api.warm.$delete())
  }

  unload(model: string) {
    return this.#act(() => api.api.unload.$post({ json: { model } }))
  }

  /** Returns a function that stops it. */
  watch(): () => void {
    return pollWhileVisible(POLL_LOADING_MS, (isBack) => {
      const isDue = this.isUnderWay || performance.now() - this.#loadedAt >= POLL_MS
      return (isBack || isDue) && this.#load()
    })
  }

  async #act(send: () => Promise<unknown>) {
    try {
      await send()
      this.failure = null
    } catch (error) {
      this.failure = error instanceof ApiError ? error : null
    }
    await this.#load()
    setTimeout(() => void this.#load(), UNLOADING_MS)
  }

  async #load() {
    // Strangers may not know it, and a request that is bound to fail would only be noise in the console.
    if (!home.isUp || home.isStranger) return
    this.#loadedAt = performance.now()
    const wasUnderWay = this.isUnderWay
    this.memory = await request(api.api.loaded.$get()).catch(() => this.memory)
    if (wasUnderWay && !this.isUnderWay) await home.refreshModels()
  }
}

export const warmUp = new WarmUpState()
