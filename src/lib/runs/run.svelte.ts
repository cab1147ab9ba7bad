import { api, ApiError } from '$lib/api'
import type { Recipe } from '$lib/contract/recipe'
import type { Delta, EndName, RunDetail, RunEvent } from '$lib/contract/runs'
import { readRun } from '../bench/persisted-schemas'
import { keepStored, readStored } from '../storage'
import { findRun } from './find-run'
import { LiveRate } from './live-rate'
import { RunContent, type Failure } from './run-content.svelte'
import { RunPhases } from './run-phases.svelte'
import { eventsOf, logprobsOf, RunStream, startRun } from './run-stream'

interface Start {
  recipe: Recipe
  changed: string[]
}

const STORE_EVERY_MS = 1000
/** Storing a long answer is slow; it may take up to this share of the time. */
const STORE_SHARE = 0.02
const TICK_MS = 100

/** The run on this page. It is carried out by Porchlight; this device only stores where to go on reading. */
class Run extends RunContent {
  readonly #phases = new RunPhases()
  /** The run had already ended when this page was opened. */
  isEarlier = $state(false)
  /** Porchlight cannot be reached; the run goes on there. */
  isConnectionLost = $state(false)
  /** Tokens per second at the moment; `null`: not known yet. */
  rate = $state<number | null>(null)
  phase = $derived(this.#phases.phase)
  place = $derived(this.#phases.place)
  spent = $derived(this.#phases.spent)

  /** As this page sent it; `null` after a reload. */
  #recipe: Recipe | null = null
  /** Empty until Porchlight has accepted the run. */
  #id = $state('')
  get id(): string {
    return this.#id
  }

  #after = 0
  #leave = new AbortController()
  /** The page shows what this device stored; the first events replace it. */
  #isStored = false
  #isStopRequested = false
  #startedAt = 0
  #rate = new LiveRate()
  #storeAgainAt = 0

  /** Shows the run that this device stored, and follows it if it has not ended. */
  async load() {
    const stored = readRun(readStored('run'))
    if (!stored || this.state !== 'none') return
    this.restore(stored)
    this.#id = stored.id
    this.#startedAt = stored.startedAt
    this.#isStored = true
    this.isEarlier = !this.isRunning
    if (this.isRunning) await this.#follow()
  }

  /** `null`: Porchlight no longer has the run. */
  async recipe(): Promise<Recipe | null> {
    this.#recipe ??= (await this.#find())?.recipe ?? null
    return this.#recipe
  }

  /** After a reload they are read from the log of the run. */
  async logprobs(): Promise<readonly unknown[]> {
    if (this.probabilities.length === 0) this.probabilities = await logprobsOf(this.#id)
    return this.probabilities
  }

  async #find(): Promise<RunDetail | null> {
    return this.#id === '' ? null : findRun(this.#id).catch(() => null)
  }

  keep() {
    const began = performance.now()
    const stored = this.toStored(this.#id, this.#startedAt)
    if (!stored) return
    // If the answer does not fit, a reload follows the run from its beginning.
    if (!keepStored('run', stored))
      keepStored('run', { ...stored, state: 'running', text: '', thinking: '' })
    const now = performance.now()
    this.#storeAgainAt = now + Math.max(STORE_EVERY_MS, (now - began) / STORE_SHARE)
  }

  /** Ends the run at the home; its last event then arrives. */
  async stop() {
    if (!this.isRunning) return
    this.#isStopRequested = true
    if (this.#id === '') return
    await api.api.runs[':id'].stop.$post({ param: { id: this.#id } }).catch(() => undefined)
  }

  async start({ recipe, changed }: Start) {
    this.#begin(recipe, changed)
    await this.#follow(recipe)
  }

  #begin(recipe: Recipe, changed: string[]) {
    // The run that this page followed so far goes on without it.
    this.#leave.abort()
    this.#leave = new AbortController()
    this.beginContent(recipe)
    this.changed = changed
    this.#recipe = recipe
    this.#id = ''
    this.#after = 0
    this.#isStored = false
    this.#isStopRequested = false
    this.#startedAt = Date.now()
    this.#phases.begin()
    this.isEarlier = false
    this.isConnectionLost = false
    this.rate = null
  }

  /** Shows a run to its end. With a recipe it is started first. */
  async #follow(recipe?: Recipe) {
    const { signal } = this.#leave
    this.#phases.resume()
    const ticking = setInterval(() => this.#tick(), TICK_MS)
    try {
      const events = recipe && (await this.#open(recipe, signal))
      const wasAway = await this.#readToEnd(signal, events)
      if (wasAway && !signal.aborted) await this.#correctEnd()
    } catch (error) {
      if (this.isRunning && !signal.aborted)
        this.#fail((error instanceof ApiError && error.problem) || CUT_OFF)
    } finally {
      clearInterval(ticking)
      this.keep()
    }
  }

  async #open(recipe: Recipe, signal: AbortSignal) {
    const { id, events } = await startRun(recipe, signal)
    this.#id = id
    this.keep()
    if (this.#isStopRequested) void this.stop()
    return events
  }

  /** Resolves with whether the page was disconnected meanwhile. */
  async #readToEnd(signal: AbortSignal, events?: ReadableStream<Uint8Array>): Promise<boolean> {
    let wasAway = events === undefined
    this.#rate.begin(performance.now(), wasAway)
    const stream = new RunStream({
      open: eventsOf(this.#id),
      after: this.#after,
      signal,
      onEvents: (group) => this.#take(group),
      onConnection: (isLost) => {
        wasAway ||= isLost
        if (isLost) this.#rate.begin(performance.now(), true)
        this.isConnectionLost = isLost
      },
    })
    await stream.follow(events)
    return wasAway
  }

  /** Events that arrived together change the page once. */
  #take(events: RunEvent[]) {
    if (this.#isStored) this.clearOutput()
    this.#isStored = false
    const deltas: Delta[] = []
    for (const event of events) {
      this.#after = event.seq
      if (event.event === 'delta') deltas.push(event.data)
      else this.#takeOther(event)
    }
    this.addDeltas(deltas)
    if (deltas.length > 0) this.#rate.take(this.tokens, performance.now())
    if (performance.now() > this.#storeAgainAt) this.keep()
  }

  #takeOther({ event, data }: Exclude<RunEvent, { event: 'delta' }>) {
    if (event === 'phase') this.#phases.enter(data, this.#startedAt)
    else if (event === 'notice') this.notices = [...this.notices, data]
    else if (event === 'failed') this.#fail(data.problem)
    else {
      if (event === 'done') this.receipt = data.receipt
      this.#end(event)
    }
  }

  #tick() {
    this.#phases.tick()
    this.rate = this.#rate.at(performance.now())
  }

  /** The run may have ended long before this page could read its end. */
  async #correctEnd() {
    this.endedAt = (await this.#find())?.endedAt ?? this.endedAt
  }

  #fail({ title, detail, cause, reason, fix, why, help, alternatives }: Failure) {
    this.failure = { title, detail, cause, reason, fix, why, help, alternatives }
    this.#end('failed')
  }

  #end(state: EndName) {
    this.#tick()
    this.state = state
    this.endedAt = new Date().toISOString()
  }
}

const CUT_OFF: Failure = {
  title: 'This page lost its connection',
  detail: 'The connection to Porchlight broke before it accepted the run.',
  fix: [
    { text: 'Check that Porchlight is running and that this device is online, then run it again.' },
  ],
}

export const run = new Run()
