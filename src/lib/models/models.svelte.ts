import { api, ApiError, failureOf, request, sentenceFor, streamOf } from '$lib/api'
import type { InstalledModel } from '$lib/contract/llm'
import type { ModelAdministration, PullLine } from '$lib/contract/models'
import { readLines } from '../read-lines'

/** A model that the home is downloading. Sizes in bytes, once they are known. */
export interface Download {
  name: string
  status: string
  total: number | null
  completed: number
}

const CUT_OFF =
  'The connection to Porchlight was lost. Pull again to continue: the part that was downloaded is kept.'
const STARTING = { status: 'Asking the registry', total: null, completed: 0 } as const

/** The models that are installed at home, and changes to them. */
class ModelsState {
  list = $state.raw<InstalledModel[] | null>(null)
  /** Why models cannot be changed from here; `null`: they can. */
  refusal = $state<ModelAdministration['refusal']>(null)
  pulling = $state<Download | null>(null)
  /** What went wrong with the last action; empty when nothing did. */
  failure = $state('')
  /** What the last action did. */
  news = $state('')
  #leave: AbortController | null = null

  async load() {
    try {
      const { models, refusal } = await request(api.api.models.$get())
      this.list = models
      this.refusal = refusal
    } catch (error) {
      this.failure = sentenceFor(error)
    }
  }

  /** Leaving the page, or `cancel`, ends it; the home keeps what has been downloaded so far. */
  async pull(name: string) {
    this.#begin()
    const { signal } = (this.#leave = new AbortController())
    this.pulling = { name, ...STARTING }
    try {
      const sent = api.api.models.pull.$post({ json: { model: name } }, { init: { signal } })
      for await (const lines of readLines<PullLine>(streamOf(await sent)))
        for (const line of lines) this.#follow(name, line)
    } catch (error) {
      if (!signal.aborted) this.failure = error instanceof ApiError ? error.message : CUT_OFF
    }
    this.pulling = null
    await this.load()
  }

  cancel() {
    this.#leave?.abort()
    this.news = 'Cancelled. The part that was downloaded is kept; pull again to continue.'
  }

  async remove(name: string) {
    this.#begin()
    // The route takes the slashes of a name as they are.
    const path = name.split('/').map(encodeURIComponent).join('/')
    this.failure = await failureOf(() =>
      api.api.models[':name{.+}'].$delete({ param: { name: path } }),
    )
    if (this.failure) return
    this.news = `${name} is deleted.`
    await this.load()
  }

  #begin() {
    this.failure = ''
    this.news = ''
  }

  #follow(name: string, { status, total, completed, error, done }: PullLine) {
    if (error) this.failure = error.text
    if (done) this.news = `${name} is installed.`
    if (!this.pulling || !status) return
    this.pulling = {
      name,
      status,
      total: total ?? this.pulling.total,
      completed: completed ?? this.pulling.completed,
    }
  }
}

export const models = new ModelsState()
