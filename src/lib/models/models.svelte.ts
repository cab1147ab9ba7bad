import { api } from '$lib/api'
import type { InstalledModel } from '$lib/contract/llm'
import type { ModelAdministration, PullLine } from '$lib/contract/models'
import type { Problem } from '$lib/contract/problem'
import { readLines } from '../read-lines'

/** A model on its way to the home. Bytes, once they are known. */
export interface Pulling {
  name: string
  status: string
  total: number | null
  completed: number
}

const STARTING = { status: 'Asking the registry', total: null, completed: 0 } as const

/** What is installed at home, and what is being changed there. */
class ModelsState {
  list = $state.raw<InstalledModel[] | null>(null)
  refusal = $state<ModelAdministration['refusal']>(null)
  pulling = $state<Pulling | null>(null)
  /** What went wrong last, or went well. */
  trouble = $state<string | null>(null)
  news = $state<string | null>(null)
  #leave: AbortController | null = null

  async load() {
    const response = await api.api.models.$get().catch(() => null)
    if (!response?.ok) return this.#tell(response)
    const { models, refusal } = await response.json()
    this.list = models
    this.refusal = refusal
  }

  /** Leaving the page, or `cancel`, ends it; what is there already is kept at home. */
  async pull(name: string) {
    this.#begin()
    this.#leave = new AbortController()
    this.pulling = { name, ...STARTING }
    try {
      const asked = { json: { model: name } }
      const response = await api.api.models.pull.$post(asked, {
        init: { signal: this.#leave.signal },
      })
      if (!response.ok || !response.body) return await this.#tell(response)
      for await (const lines of readLines<PullLine>(response.body))
        for (const line of lines) this.#follow(name, line)
    } catch {
      this.trouble = this.#leave.signal.aborted
        ? null
        : 'The connection to Porchlight broke off. Pull again: what is there is kept.'
    } finally {
      this.pulling = null
      await this.load()
    }
  }

  cancel() {
    this.#leave?.abort()
    this.news = 'Cancelled. What is there is kept, and pulling again goes on from it.'
  }

  async remove(name: string) {
    this.#begin()
    const path = name.split('/').map(encodeURIComponent).join('/')
    const response = await fetch(`/api/models/${path}`, { method: 'DELETE' }).catch(() => null)
    if (!response?.ok) return this.#tell(response)
    this.news = `${name} is deleted.`
    await this.load()
  }

  #begin() {
    this.trouble = null
    this.news = null
  }

  #follow(name: string, { status, total, completed, error, done }: PullLine) {
    if (error) this.trouble = error.text
    if (done) this.news = `${name} is there.`
    if (!this.pulling || !status) return
    this.pulling = {
      name,
      status,
      total: total ?? this.pulling.total,
      completed: completed ?? this.pulling.completed,
    }
  }

  async #tell(response: { json: () => Promise<unknown> } | null) {
    const problem = (await response?.json().catch(() => null)) as Problem | null | undefined
    this.trouble = problem?.detail ?? 'Porchlight itself does not answer. Try again in a moment.'
  }
}

export const models = new ModelsState()
