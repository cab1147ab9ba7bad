import { api } from '$lib/api'
import type { Problem } from '$lib/contract/problem'
import type { Recipe } from '$lib/contract/recipe'
import type {
  Delta,
  EndName,
  Receipt,
  RunDetail,
  RunEvent,
  RunEvents,
  ToolCall,
} from '$lib/contract/runs'
import { follow, logprobsOf, openRun, Refused, type Opened } from './run-stream'
import { readRun, type KeptRun } from '../bench/persisted-schemas'
import { limitsMet, type LimitName } from './truncation'
import { LiveRate } from './live-rate'
import { RunPhases } from './run-phases.svelte'
import { keepStored, readStored } from '../storage'

export type RunState = 'none' | 'running' | EndName

/** Why a run failed: the API's problem, as far as a page shows it. */
export type Failure = Pick<
  Problem,
  'title' | 'detail' | 'cause' | 'reason' | 'fix' | 'why' | 'help' | 'alternatives'
>

export interface Start {
  recipe: Recipe
  changed: string[]
}

const KEEP_EVERY_MS = 1000
/** Keeping it may take this share of the time at most. */
const KEEP_SHARE = 0.02
const TICK_MS = 100

/** One run as this page shows it. It lives in Porchlight; what this device keeps is where to go on reading. */
class Run {
  state = $state<RunState>('none')
  readonly #stages = new RunPhases()
  model = $state('')
  prompt = $state('')
  text = $state('')
  thinking = $state('')
  tokens = $state(0)
  endedAt = $state<string | null>(null)
  receipt = $state.raw<Receipt | null>(null)
  failure = $state.raw<Failure | null>(null)
  changed = $state.raw<string[]>([])
  /** What the run has said beside its answer. */
  notices = $state.raw<RunEvents['notice'][]>([])
  toolCalls = $state.raw<ToolCall[]>([])
  /** What the answer was to be; `null`: any text. */
  format = $state.raw<NonNullable<Recipe['format']> | null>(null)
  /** How many messages were sent; a prompt alone is one. */
  messages = $state(1)
  /** The home was to tell how sure it was of each token. */
  hasLogprobs = $state(false)
  /** It was over when this page was opened. */
  isEarlier = $state(false)
  /** The line to Porchlight is lost; the run goes on there. */
  isLineLost = $state(false)
  /** Tokens per second while they stream. */
  rate = $state<number | null>(null)
  isRunning = $derived(this.state === 'running')
  phase = $derived(this.#stages.phase)
  place = $derived(this.#stages.place)
  spent = $derived(this.#stages.spent)
  /** The limits that the answer met. */
  limits = $derived.by((): LimitName[] =>
    this.state === 'done' && this.receipt ? limitsMet(this.receipt, this, this.messages) : [],
  )

  /** As it was sent from this page; after a reload Porchlight still has it. */
  #recipe: Recipe | null = null
  #weighed: unknown[] = []
  /** Empty until Porchlight has taken it in. */
  #id = $state('')
  get id(): string {
    return this.#id
  }

  #seq = 0
  #leave = new AbortController()
  /** What is shown was kept on this device; the first events that come begin anew. */
  #isStale = false
  #wantsStop = false
  #startedAt = 0
  #rate = new LiveRate()
  #keepAgainAt = 0

  /** What this device kept; a run that was not over is followed further. */
  async load() {
    const kept = readRun(readStored('run'))
    if (!kept || this.state !== 'none') return
    const { id, startedAt, ...shown } = kept
    this.#id = id
    this.#startedAt = startedAt
    this.#isStale = true
    Object.assign(this, shown)
    this.isEarlier = !this.isRunning
    if (this.isRunning) await this.#attend(async () => null)
  }

  /** What it carries out; `null`: it was forgotten. After a reload Porchlight is asked: a recipe may be too large to keep here. */
  async recipe(): Promise<Recipe | null> {
    this.#recipe ??= (await this.#ask())?.recipe ?? null
    return this.#recipe
  }

  /** What the home told of its tokens. After a reload it is read from the log of the run. */
  async logprobs(): Promise<readonly unknown[]> {
    if (this.#weighed.length === 0) this.#weighed = await logprobsOf(this.#id)
    return this.#weighed
  }

  async #ask(): Promise<RunDetail | null> {
    if (this.#id === '') return null
    const response = await api.api.runs[':id'].$get({ param: { id: this.#id } }).catch(() => null)
    return response?.ok ? ((await response.json()) as RunDetail) : null
  }

  keep() {
    const { model, prompt, text, thinking, receipt, failure, changed, state, endedAt } = this
    if (state === 'none' || this.#id === '') return
    const startedAt = performance.now()
    const { toolCalls, format, messages, hasLogprobs } = this
    const kept = {
      id: this.#id,
      startedAt: this.#startedAt,
      state,
      model,
      prompt,
      text,
      thinking,
      endedAt,
      receipt,
      failure,
      changed,
    }
    const all = { ...kept, toolCalls, format, messages, hasLogprobs } satisfies KeptRun
    // Where there is no room for the answer, the way to it is kept: after a reload it is followed from its beginning.
    if (!keepStored('run', all))
      keepStored('run', { ...all, state: 'running', text: '', thinking: '' })
    // The longer the answer, the dearer it is to keep.
    this.#keepAgainAt =
      performance.now() + Math.max(KEEP_EVERY_MS, (performance.now() - startedAt) / KEEP_SHARE)
  }

  /** Ends the run at home. What it says then is its last event. */
  async stop() {
    if (!this.isRunning) return
    this.#wantsStop = true
    if (this.#id !== '')
      await api.api.runs[':id'].stop.$post({ param: { id: this.#id } }).catch(() => undefined)
  }

  async start({ recipe, changed }: Start) {
    this.#begin(recipe, changed)
    await this.#attend(() => openRun(recipe, this.#leave.signal))
  }

  /** Shows a run to its end. `open` gives the stream that begins it; without one it is asked for. */
  async #attend(open: () => Promise<Opened | null>) {
    const { signal } = this.#leave
    let wasAway = false
    this.#stages.watch()
    const ticking = setInterval(() => this.#tick(), TICK_MS)
    try {
      const opened = await open()
      wasAway = opened === null
      this.#rate.begin(performance.now(), wasAway)
      if (opened) this.#id = opened.id
      this.keep()
      if (this.#wantsStop) void this.stop()
      await follow({
        id: this.#id,
        ...(opened ? { body: opened.body } : {}),
        after: this.#seq,
        leave: signal,
        onEvents: (events) => signal.aborted || this.#take(events),
        onLine: (isLost) => {
          wasAway ||= isLost
          if (isLost) this.#rate.begin(performance.now(), true)
          this.isLineLost = isLost && !signal.aborted
        },
      })
      if (wasAway && !signal.aborted) await this.#askEnd()
    } catch (error) {
      if (this.isRunning && !signal.aborted)
        this.#fail(error instanceof Refused ? error.problem : CUT_OFF)
    } finally {
      clearInterval(ticking)
      this.keep()
    }
  }

  /** Takes what arrived together at once: one change of the page, however many events came. */
  #take(events: RunEvent[]) {
    const deltas: Delta[] = []
    if (this.#isStale)
      Object.assign(this, { text: '', thinking: '', tokens: 0, notices: [], toolCalls: [] })
    this.#isStale = false
    for (const { seq, event, data } of events) {
      this.#seq = seq
      if (event === 'delta') deltas.push(data)
      else if (event === 'phase') this.#stages.enter(data, this.#startedAt)
      else if (event === 'notice') this.notices = [...this.notices, data]
      else if (event === 'done') this.receipt = data.receipt
      if (event === 'failed') this.#fail(data.problem)
      else if (event === 'done' || event === 'stopped' || event === 'interrupted') this.#end(event)
    }
    this.#add(deltas)
    if (performance.now() > this.#keepAgainAt) this.keep()
  }

  #add(deltas: Delta[]) {
    const thinking = deltas.map((delta) => delta.thinking ?? '').join('')
    const text = deltas.map((delta) => delta.text ?? '').join('')
    if (thinking) this.thinking += thinking
    if (text) this.text += text
    for (const { tokens, toolCalls = [], logprobs = [] } of deltas) {
      if (toolCalls.length > 0) this.toolCalls = [...this.toolCalls, ...toolCalls]
      this.#weighed.push(...logprobs)
      this.tokens += tokens
    }
    if (deltas.length > 0) this.#rate.take(this.tokens, performance.now())
  }

  #begin(recipe: Recipe, changed: string[]) {
    const { model, prompt, messages, format = null } = recipe
    this.#weighed = []
    // What this page followed until now goes on without it.
    this.#leave.abort()
    this.#leave = new AbortController()
    this.#recipe = recipe
    this.#id = ''
    this.#seq = 0
    this.#isStale = false
    this.#wantsStop = false
    this.#startedAt = Date.now()
    this.#stages.begin()
    this.isEarlier = false
    this.rate = null
    Object.assign(this, { state: 'running', model, text: '', thinking: '' })
    Object.assign(this, {
      prompt: prompt ?? messages?.at(-1)?.content ?? '',
      messages: messages?.length ?? 1,
      format,
    })
    Object.assign(this, { toolCalls: [], hasLogprobs: recipe.logprobs === true })
    Object.assign(this, {
      tokens: 0,
      endedAt: null,
      receipt: null,
      failure: null,
      changed,
      notices: [],
      isLineLost: false,
    })
  }

  #tick() {
    this.#stages.tick()
    this.rate = this.#rate.at(performance.now())
  }

  /** It may have ended long before this page heard of it. */
  async #askEnd() {
    const { endedAt = null } = (await this.#ask()) ?? {}
    this.endedAt = endedAt ?? this.endedAt
  }

  #fail(problem: Failure) {
    const { title, detail, cause, reason, fix, why, help, alternatives } = problem
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
  detail: 'The line between this page and Porchlight broke before the run was taken in.',
  fix: [
    { text: 'See that Porchlight still runs and that this device is online, then run it again.' },
  ],
}

export const run = new Run()
