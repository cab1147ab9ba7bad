import { api } from '$lib/api'
import type { Problem } from '$lib/contract/problem'
import type { RunDetail, RunList, RunSummary } from '$lib/contract/runs'
import type { RunRetention, Settings } from '$lib/contract/settings'

/** Whoever deletes by mistake has this long to say so. ms. */
export const UNDO_MS = 7000
const SEARCH_AFTER_MS = 250
const REFRESH_MS = 4000

interface Doomed {
  ids: string[]
  timer: ReturnType<typeof setTimeout>
}

/** The runs that Porchlight remembers, as far as they have been asked for. */
class History {
  q = $state('')
  settings = $state.raw<Settings | null>(null)
  /** Why there is no list, in a sentence. */
  trouble = $state('')
  isLoaded = $state(false)
  chosen = $state.raw<ReadonlySet<string>>(new Set())
  #runs = $state.raw<RunSummary[]>([])
  #next = $state<string | null>(null)
  #doomed = $state.raw<Doomed | null>(null)
  #asked = 0
  /** The search that the list is an answer to. */
  #listedFor: string | null = null
  #searching: ReturnType<typeof setTimeout> | undefined

  runs = $derived(this.#runs.filter(({ id }) => !this.#doomed?.ids.includes(id)))
  hasMore = $derived(this.#next !== null)
  /** Deleted, but for those some seconds. */
  undoable = $derived(this.#doomed?.ids.length ?? 0)

  /** The newest runs, and how many there are. Older ones that were asked for stay. */
  async load() {
    const nth = ++this.#asked
    const q = this.q.trim()
    try {
      const [list, settings] = await Promise.all([this.#page(), this.#readSettings()])
      // An answer that a later question has overtaken is none.
      if (nth !== this.#asked) return
      const last = list.runs.at(-1)?.id ?? ''
      const older =
        list.next === null || q !== this.#listedFor ? [] : this.#runs.filter(({ id }) => id < last)
      this.#runs = [...list.runs, ...older]
      if (older.length === 0) this.#next = list.next
      this.#listedFor = q
      this.settings = settings
      this.trouble = ''
    } catch (error) {
      if (nth === this.#asked) this.trouble = sentenceOf(error)
    }
    this.isLoaded = true
  }

  async more() {
    if (this.#next === null) return
    const nth = this.#asked
    try {
      const { runs, next } = await this.#page(this.#next)
      if (nth !== this.#asked) return
      this.#runs = [...this.#runs, ...runs]
      this.#next = next
    } catch (error) {
      this.trouble = sentenceOf(error)
    }
  }

  /** Called on every key; asks a moment later. */
  search() {
    clearTimeout(this.#searching)
    this.#searching = setTimeout(() => {
      this.chosen = new Set()
      void this.load()
    }, SEARCH_AFTER_MS)
  }

  /** Keeps the list up to date until the answer is called: while a run is not over, and when the page is looked at again. */
  watch(): () => void {
    void this.load()
    const look = () => void (document.hidden || this.load())
    const timer = setInterval(
      () => this.#runs.some(({ endedAt }) => endedAt === null) && look(),
      REFRESH_MS,
    )
    document.addEventListener('visibilitychange', look)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', look)
    }
  }

  async find(id: string): Promise<RunDetail | string> {
    try {
      return await bodyOf<RunDetail>(api.api.runs[':id'].$get({ param: { id } }))
    } catch (error) {
      return sentenceOf(error)
    }
  }

  choose(id: string, isChosen: boolean) {
    const others = [...this.chosen].filter((other) => other !== id)
    this.chosen = new Set(isChosen ? [...others, id] : others)
  }

  /** They are gone from the list at once, and for good when nobody takes it back in time. */
  remove(ids: readonly string[]) {
    void this.commit()
    this.chosen = new Set()
    this.#doomed = { ids: [...ids], timer: setTimeout(() => void this.commit(), UNDO_MS) }
  }

  undo() {
    clearTimeout(this.#doomed?.timer)
    this.#doomed = null
  }

  /** Deletes what waits for it; also called when the page is left. */
  async commit() {
    const { ids = [] } = this.#doomed ?? {}
    if (ids.length === 0) return
    this.undo()
    this.#runs = this.#runs.filter(({ id }) => !ids.includes(id))
    const gone = ids.map((id) =>
      api.api.runs[':id'].$delete({ param: { id } }, { init: { keepalive: true } }),
    )
    await Promise.allSettled(gone)
    await this.load()
  }

  /** How many runs would go if no more than this were kept. Throws what `sentenceOf` reads. */
  async countOver({ runs, megabytes }: RunRetention): Promise<number> {
    const query = { runs: String(runs), megabytes: String(megabytes) }
    return (await bodyOf<{ over: number }>(api.api.settings.kept.$get({ query }))).over
  }

  async keep(kept: RunRetention) {
    this.settings = await bodyOf<Settings>(api.api.settings.$put({ json: { kept } }))
    this.#listedFor = null
    // Not waited for: whoever saved may be typing the next number by now.
    void this.load()
  }

  #page(before?: string): Promise<RunList> {
    const q = this.q.trim()
    return bodyOf<RunList>(
      api.api.runs.$get({ query: { ...(before ? { before } : {}), ...(q ? { q } : {}) } }),
    )
  }

  #readSettings(): Promise<Settings> {
    return bodyOf<Settings>(api.api.settings.$get())
  }
}

class Refused extends Error {}

async function bodyOf<Body>(
  asked: Promise<{ ok: boolean; json: () => Promise<unknown> }>,
): Promise<Body> {
  const response = await asked
  const body = await response.json()
  if (!response.ok) throw new Refused((body as Problem).detail)
  return body as Body
}

/** What went wrong, for a person. */
export const sentenceOf = (error: unknown) =>
  error instanceof Refused
    ? error.message
    : 'This page cannot reach Porchlight itself. Its runs are kept there.'

export const history = new History()
