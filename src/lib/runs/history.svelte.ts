import { api, request, sentenceFor } from '$lib/api'
import type { RunList, RunSummary } from '$lib/contract/runs'
import type { RunRetention, Settings } from '$lib/contract/settings'
import { pollWhileVisible } from '../poll'

/** How long a deletion can be undone. */
export const UNDO_MS = 7000
const SEARCH_DEBOUNCE_MS = 250
const POLL_MS = 4000

interface Deletion {
  ids: string[]
  timer: ReturnType<typeof setTimeout>
}

/** The runs that Porchlight keeps, as far as the page has loaded them. */
class History {
  q = $state('')
  settings = $state.raw<Settings | null>(null)
  /** Why the list could not be loaded; empty when it could. */
  failure = $state('')
  isLoaded = $state(false)
  chosen = $state.raw<ReadonlySet<string>>(new Set())
  #runs = $state.raw<RunSummary[]>([])
  #next = $state<string | null>(null)
  #deletion = $state.raw<Deletion | null>(null)
  #latestRequest = 0
  /** The search that the list is the result of. */
  #listedFor: string | null = null
  #searching: ReturnType<typeof setTimeout> | undefined

  runs = $derived(this.#runs.filter(({ id }) => !this.#deletion?.ids.includes(id)))
  hasMore = $derived(this.#next !== null)
  /** How many runs are deleted, but can still be brought back. */
  undoable = $derived(this.#deletion?.ids.length ?? 0)

  /** Loads the newest runs and the settings. Older runs that are already on the page stay. */
  async load() {
    const nth = ++this.#latestRequest
    const q = this.q.trim()
    try {
      const [list, settings] = await Promise.all([this.#page(), request(api.api.settings.$get())])
      if (nth !== this.#latestRequest) return
      this.#merge(list, q)
      this.settings = settings
      this.failure = ''
    } catch (error) {
      if (nth === this.#latestRequest) this.failure = sentenceFor(error)
    }
    this.isLoaded = true
  }

  #merge(list: RunList, q: string) {
    const last = list.runs.at(-1)?.id ?? ''
    const isOtherList = list.next === null || q !== this.#listedFor
    const older = isOtherList ? [] : this.#runs.filter(({ id }) => id < last)
    this.#runs = [...list.runs, ...older]
    if (older.length === 0) this.#next = list.next
    this.#listedFor = q
  }

  async more() {
    if (this.#next === null) return
    const nth = this.#latestRequest
    try {
      const { runs, next } = await this.#page(this.#next)
      if (nth !== this.#latestRequest) return
      this.#runs = [...this.#runs, ...runs]
      this.#next = next
    } catch (error) {
      this.failure = sentenceFor(error)
    }
  }

  /** Called on every key press. */
  search() {
    clearTimeout(this.#searching)
    this.#searching = setTimeout(() => {
      this.chosen = new Set()
      void this.load()
    }, SEARCH_DEBOUNCE_MS)
  }

  /** Keeps the list current while runs are under way, and when the owner comes back to the page. Returns a function that stops it. */
  watch(): () => void {
    const isUnderWay = ({ endedAt }: RunSummary) => endedAt === null
    return pollWhileVisible(
      POLL_MS,
      (isBack) => (isBack || this.#runs.some(isUnderWay)) && this.load(),
    )
  }

  choose(id: string, isChosen: boolean) {
    const others = [...this.chosen].filter((other) => other !== id)
    this.chosen = new Set(isChosen ? [...others, id] : others)
  }

  /** Removes the runs from the list at once, and deletes them unless the owner undoes it in time. */
  remove(ids: readonly string[]) {
    void this.commit()
    this.chosen = new Set()
    this.#deletion = { ids: [...ids], timer: setTimeout(() => void this.commit(), UNDO_MS) }
  }

  undo() {
    clearTimeout(this.#deletion?.timer)
    this.#deletion = null
  }

  /** Carries out a deletion that could still be undone; also called when the owner leaves the page. */
  async commit() {
    const { ids = [] } = this.#deletion ?? {}
    if (ids.length === 0) return
    this.undo()
    this.#runs = this.#runs.filter(({ id }) => !ids.includes(id))
    const deletions = ids.map((id) =>
      api.api.runs[':id'].$delete({ param: { id } }, { init: { keepalive: true } }),
    )
    await Promise.allSettled(deletions)
    await this.load()
  }

  /** How many runs these limits would delete. */
  async countOver({ runs, megabytes }: RunRetention): Promise<number> {
    const query = { runs: String(runs), megabytes: String(megabytes) }
    return (await request(api.api.settings.kept.$get({ query }))).over
  }

  async changeLimits(kept: RunRetention) {
    this.settings = await request(api.api.settings.$put({ json: { kept } }))
    this.#listedFor = null
    // Not awaited: the owner may already be typing the next number.
    void this.load()
  }

  #page(before?: string): Promise<RunList> {
    const q = this.q.trim()
    return request(
      api.api.runs.$get({ query: { ...(before ? { before } : {}), ...(q ? { q } : {}) } }),
    )
  }
}

export const history = new History()
