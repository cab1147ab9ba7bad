import { api } from '$lib/api'
import type { Health, HealthLine, PublicHealth } from '$lib/contract/health'
import type { Model, ModelList } from '$lib/contract/llm'
import type { Finding, Rung } from '$lib/diagnosis'
// Not all of it: the reasons are words that only the help needs.
import { sameModel } from '$lib/diagnosis/names'
import { LADDER } from '$lib/diagnosis/rungs'
import { readLines } from '../read-lines'

const POLL_MS = 30_000
const BLINK_MS = 150

/** What a stranger is told, in the shape that the owner sees: what they may not know is empty. */
const forStranger = (told: PublicHealth): Health => ({
  cause: 'unknown',
  rung: 'config',
  title: told.status === 'fail' ? 'The home does not answer' : 'The home answers',
  ...told,
  reason: 'unnamed',
  confidence: 'high',
  summary: 'Only the owner sees more. This page was opened as a stranger.',
  fix: [],
  alternatives: [],
  ladder: [],
  evidence: [],
  why: '',
  retry: false,
  help: '',
  report: '',
  version: null,
  models: null,
  demo: false,
  wanted: [],
  lastSeen: null,
})

const isOwners = (told: Health | PublicHealth): told is Health => 'ladder' in told

class NotForStrangers extends Error {}

async function askLatest(): Promise<Health | PublicHealth> {
  const response = await api.api.health.$get({ query: { code: '200' } })
  if (response.status === (401 as number)) throw new NotForStrangers()
  if (!response.ok) throw new Error(`our own server answered ${response.status}`)
  return (await response.json()) as Health | PublicHealth
}

const waiting = (rung: Rung): Finding => ({
  rung,
  result: 'waiting',
  title: '',
  expected: null,
  seen: null,
  ms: null,
})

/** What the page knows of the home: the latest verdict, and the models while it answers. */
class HomeState {
  health = $state.raw<Health | null>(null)
  models = $state.raw<Model[]>([])
  isChecking = $state(false)
  /** The rungs that are lit so far, while a check climbs. */
  #climbing = $state.raw<Finding[] | null>(null)
  isStranger = $state(false)
  /** Our own server did not answer, so nothing can be said of the home. */
  isCutOff = $state(false)
  /** Our own server answers, and tells the state to its owner alone. */
  isClosed = $state(false)

  #running: Promise<void> | null = null
  #isFresh = false

  /** The ladder to show: while a check climbs, what it has lit; else what the latest verdict says. */
  ladder = $derived.by(() => {
    if (this.#climbing === null) return this.health?.ladder ?? []
    const climbing = this.#climbing
    return LADDER.map((rung) => climbing.find((finding) => finding.rung === rung) ?? waiting(rung))
  })

  /** Ollama itself answers, though a wanted model may be missing. */
  isUp = $derived(
    this.health !== null &&
      !this.isCutOff &&
      (this.health.status !== 'fail' || this.health.cause === 'model_missing'),
  )
  isDown = $derived(this.health !== null && !this.isUp)
  /** Names to choose from: the installed ones, or those of the last time that the home answered, then what is missing. */
  names = $derived.by(() => {
    const known =
      this.models.length > 0
        ? this.models.map(({ name }) => name)
        : (this.health?.lastSeen?.models ?? [])
    const missing =
      this.health?.wanted.filter((wanted) => !known.some((name) => sameModel(name, wanted))) ?? []
    return [...known, ...missing]
  })
  /** The first wanted model, as the home spells it; without one the first that is there. */
  firstChoice = $derived.by(() => {
    const [wanted] = this.health?.wanted ?? []
    return (wanted && this.names.find((name) => sameModel(name, wanted))) ?? this.names[0]
  })

  /** Asks for the verdict. `fresh` makes the home be asked now; otherwise a verdict some seconds old will do. */
  check(fresh = false): Promise<void> {
    // Who asks for the home to be asked now is not content with an answer that was on its way before.
    if (fresh && this.#running && !this.#isFresh) return this.#running.then(() => this.check(true))
    this.#isFresh ||= fresh
    this.#running ??= this.#ask(fresh).finally(() => {
      this.#running = null
      this.#isFresh = false
      this.isChecking = false
    })
    return this.#running
  }

  async #ask(fresh: boolean) {
    this.isChecking = true
    try {
      const told = fresh && !this.isStranger ? await this.#climb() : await askLatest()
      this.isStranger = !isOwners(told)
      this.health = isOwners(told) ? told : forStranger(told)
      this.isCutOff = false
      this.isClosed = false
      // Asked only by the owner, of a home that answers: a failing request would be noise in the console.
      if (this.isUp && !this.isStranger) await this.refreshModels()
    } catch (error) {
      this.isClosed = error instanceof NotForStrangers
      this.isCutOff = !this.isClosed
      if (this.isClosed) this.health = null
    }
  }

  /** A check made now, told rung by rung. */
  async #climb(): Promise<Health | PublicHealth> {
    let lit: Finding[] = []
    // A check that is over in a moment must not make the ladder blink.
    const showing = setTimeout(() => (this.#climbing = lit), BLINK_MS)
    try {
      const headers = { Accept: 'application/x-ndjson' }
      const response = await api.api.health.$get(
        { query: { code: '200', fresh: '1' } },
        { headers },
      )
      if (!response.ok || !response.body)
        throw new Error(`our own server answered ${response.status}`)
      for await (const lines of readLines<HealthLine>(response.body)) {
        for (const line of lines) {
          if ('verdict' in line) return line.verdict
          lit = line.findings
          if (this.#climbing !== null) this.#climbing = lit
        }
      }
      throw new Error('our own server broke off')
    } finally {
      clearTimeout(showing)
      this.#climbing = null
    }
  }

  async refreshModels() {
    const response = await api.api.llm.models.$get()
    if (response.ok) this.models = (await response.json()).models
  }

  /** Checks now, then regularly while somebody looks. Returns how to stop. */
  watch(): () => void {
    const look = () => {
      if (document.visibilityState === 'visible') void this.check()
    }
    look()
    const timer = setInterval(look, POLL_MS)
    document.addEventListener('visibilitychange', look)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', look)
    }
  }
}

export const home = new HomeState()
