import { api, ApiError, request, streamOf } from '$lib/api'
import type { Health, HealthLine, PublicHealth } from '$lib/contract/health'
import type { Model } from '$lib/contract/llm'
import type { Finding, Rung } from '$lib/diagnosis'
// Not from the index: the explanations of all reasons would come along, and only the help needs them.
import { sameModel } from '$lib/diagnosis/names'
import { LADDER } from '$lib/diagnosis/rungs'
import { pollWhileVisible } from '../poll'
import { readLines } from '../read-lines'

const POLL_MS = 30_000
/** A check that takes less does not show its climb: the ladder would only flicker. */
const FLICKER_MS = 150
const UNAUTHORIZED = 401

/** A stranger's view in the shape of the owner's; what they may not know is empty. */
const forStranger = (health: PublicHealth): Health => ({
  cause: 'unknown',
  rung: 'config',
  title: health.status === 'fail' ? 'The home does not answer' : 'The home answers',
  ...health,
  reason: 'unnamed',
  confidence: 'high',
  summary: 'You are not signed in, and only the owner can see more.',
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

const isOwners = (health: Health | PublicHealth): health is Health => 'ladder' in health

const waiting = (rung: Rung): Finding => ({
  rung,
  result: 'waiting',
  title: '',
  expected: null,
  seen: null,
  ms: null,
})

/** What the page knows about the home: the latest verdict, and the models while it answers. */
class HomeState {
  health = $state.raw<Health | null>(null)
  models = $state.raw<Model[]>([])
  isChecking = $state(false)
  /** The findings so far, while a check climbs. */
  #climbing = $state.raw<Finding[] | null>(null)
  isStranger = $state(false)
  /** Porchlight itself cannot be reached, so nothing is known about the home. */
  isCutOff = $state(false)
  /** Porchlight answers, and shows the state of the home only to its owner. */
  isClosed = $state(false)

  #running: Promise<void> | null = null
  #isFresh = false

  /** The ladder to show: the findings so far while a check climbs, otherwise those of the latest verdict. */
  ladder = $derived.by(() => {
    if (this.#climbing === null) return this.health?.ladder ?? []
    const climbing = this.#climbing
    return LADDER.map((rung) => climbing.find((finding) => finding.rung === rung) ?? waiting(rung))
  })

  /** Ollama answers; a wanted model may still be missing. */
  isUp = $derived(
    this.health !== null &&
      !this.isCutOff &&
      (this.health.status !== 'fail' || this.health.cause === 'model_missing'),
  )
  isDown = $derived(this.health !== null && !this.isUp)
  /** Names to choose from: the installed models, or those of the last time the home answered, then the missing ones. */
  names = $derived.by(() => {
    const known =
      this.models.length > 0
        ? this.models.map(({ name }) => name)
        : (this.health?.lastSeen?.models ?? [])
    const missing =
      this.health?.wanted.filter((wanted) => !known.some((name) => sameModel(name, wanted))) ?? []
    return [...known, ...missing]
  })
  /** The first wanted model, as the home spells it; without one, the first that is installed. */
  firstChoice = $derived.by(() => {
    const [wanted] = this.health?.wanted ?? []
    return (wanted && this.names.find((name) => sameModel(name, wanted))) ?? this.names[0]
  })

  /** Loads the verdict. `fresh` starts a new check; otherwise a verdict that is some seconds old is good enough. */
  check(fresh = false): Promise<void> {
    // A request that began earlier may return an older verdict.
    if (fresh && this.#running && !this.#isFresh) return this.#running.then(() => this.check(true))
    this.#isFresh ||= fresh
    this.#running ??= this.#load(fresh).finally(() => {
      this.#running = null
      this.#isFresh = false
      this.isChecking = false
    })
    return this.#running
  }

  async #load(fresh: boolean) {
    this.isChecking = true
    try {
      const health = fresh && !this.isStranger ? await this.#climb() : await latestHealth()
      this.isStranger = !isOwners(health)
      this.health = isOwners(health) ? health : forStranger(health)
      this.isCutOff = false
      this.isClosed = false
      // Strangers may not know them, and a request that is bound to fail would only be noise in the console.
      if (this.isUp && !this.isStranger) await this.refreshModels()
    } catch (error) {
      this.isClosed = error instanceof ApiError && error.status === UNAUTHORIZED
      this.isCutOff = !this.isClosed
      if (this.isClosed) this.health = null
    }
  }

  /** Checks now, and shows each finding as it arrives. */
  async #climb(): Promise<Health | PublicHealth> {
    let findings: Finding[] = []
    const showing = setTimeout(() => (this.#climbing = findings), FLICKER_MS)
    try {
      const query = { code: '200', fresh: '1' }
      const headers = { Accept: 'application/x-ndjson' }
      const response = await api.api.health.$get({ query }, { headers })
      for await (const lines of readLines<HealthLine>(streamOf(response))) {
        for (const line of lines) {
          if ('verdict' in line) return line.verdict
          findings = line.findings
          if (this.#climbing !== null) this.#climbing = findings
        }
      }
      throw new Error('the check ended without a verdict')
    } finally {
      clearTimeout(showing)
      this.#climbing = null
    }
  }

  async refreshModels() {
    const list = await request(api.api.llm.models.$get()).catch(() => null)
    if (list) this.models = list.models
  }

  /** Returns a function that stops it. */
  watch(): () => void {
    return pollWhileVisible(POLL_MS, () => this.check())
  }
}

const latestHealth = async () =>
  (await request(api.api.health.$get({ query: { code: '200' } }))) as Health | PublicHealth

export const home = new HomeState()
