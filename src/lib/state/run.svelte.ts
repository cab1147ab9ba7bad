import { api } from '$lib/api'
import type { Problem } from '$lib/contract/problem'
import type { Recipe } from '$lib/contract/recipe'
import type { Delta, EndName, RunDetail, RunEvent, ToolCall } from '$lib/contract/runs'
import { figuresOf, type Figures } from './figures'
import { follow, openRun, Refused, type Opened } from './follow'
import { readRun, type KeptRun } from './kept'
import { limitsOf, type LimitName } from './limits'
import { Stages, type Phase } from './stages.svelte'
import { keepStored, readStored } from './stored'
import { turnsAfter, type Turn } from './written'

export type { Phase }
export type RunState = 'none' | 'running' | EndName

/** Why a run failed: the API's problem, as far as a page shows it. */
export type Failure = Pick<Problem, 'title' | 'detail' | 'cause' | 'reason' | 'fix' | 'why' | 'help' | 'alternatives'>

export interface Start {
  recipe: Recipe
  changed: string[]
}

const KEEP_EVERY_MS = 1000
const TICK_MS = 100

/** One run as this page shows it. It lives in Porchlight; what this device keeps is where to go on reading. */
class Run {
  state = $state<RunState>('none')
  readonly #stages = new Stages()
  model = $state('')
  prompt = $state('')
  text = $state('')
  thinking = $state('')
  tokens = $state(0)
  endedAt = $state<string | null>(null)
  figures = $state.raw<Figures | null>(null)
  failure = $state.raw<Failure | null>(null)
  changed = $state.raw<string[]>([])
  /** What the run has said beside its answer. */
  notices = $state.raw<string[]>([])
  toolCalls = $state.raw<ToolCall[]>([])
  /** What the answer was to be; `null`: any text. */
  format = $state.raw<NonNullable<Recipe['format']> | null>(null)
  /** How many messages were sent; a prompt alone is one. */
  messages = $state(1)
  /** What the home told of its tokens, once all are there. */
  logprobs = $state.raw<unknown[]>([])
  /** The line to Porchlight is lost; the run goes on there. */
  isLineLost = $state(false)

  #answerTokens = $state(0)
  isRunning = $derived(this.state === 'running')
  phase = $derived(this.#stages.phase)
  place = $derived(this.#stages.place)
  spent = $derived(this.#stages.spent)
  /** The limits that the answer met. */
  limits = $derived.by((): LimitName[] => {
    const { state, figures, messages } = this
    if (state !== 'done' || figures === null) return []
    const has = {
      hasText: this.text !== '',
      hasThinking: this.thinking !== '',
      hasToolCalls: this.toolCalls.length > 0,
    }
    return limitsOf({ figures, messages, ...has })
  })
  /** Tokens per second while they stream. */
  rate = $derived(
    this.tokens > 4 && (this.spent.answer ?? 0) > 200 ? (this.#answerTokens * 1000) / (this.spent.answer ?? 1) : null,
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
  #keptAt = 0

  /** What this device kept; a run that was not over is followed further. */
  async load() {
    const kept = readRun(readStored('run'))
    if (!kept || this.state !== 'none') return
    const { id, ...shown } = kept
    this.#id = id
    this.#isStale = true
    Object.assign(this, shown)
    if (this.isRunning) await this.#attend(async () => null)
  }

  /** What it carries out; `null`: it was forgotten. After a reload Porchlight is asked: a recipe may be too large to keep here. */
  async recipe(): Promise<Recipe | null> {
    if (this.#recipe === null && this.#id !== '') {
      const response = await api.api.runs[':id'].$get({ param: { id: this.#id } }).catch(() => null)
      if (response?.ok) this.#recipe = ((await response.json()) as unknown as RunDetail).recipe
    }
    return this.#recipe
  }

  keep() {
    const { model, prompt, text, thinking, figures, failure, changed, state, endedAt } = this
    if (state === 'none' || this.#id === '') return
    const { toolCalls, format, messages } = this
    const kept = { id: this.#id, state, model, prompt, text, thinking, endedAt, figures, failure, changed }
    keepStored('run', { ...kept, toolCalls, format, messages } satisfies KeptRun)
  }

  /** What was said so far, to go on from. `null`: it is not known any more. */
  async conversation(): Promise<Turn[] | null> {
    const recipe = this.#recipe ?? (await this.#askRecipe())
    return recipe && turnsAfter(recipe, this)
  }

  async #askRecipe(): Promise<Recipe | null> {
    const response = await api.api.runs[':id'].$get({ param: { id: this.#id } }).catch(() => null)
    return response?.ok ? ((await response.json()) as unknown as RunDetail).recipe : null
  }

  /** Ends the run at home. What it says then is its last event. */
  async stop() {
    if (!this.isRunning) return
    this.#wantsStop = true
    if (this.#id !== '') await api.api.runs[':id'].stop.$post({ param: { id: this.#id } }).catch(() => undefined)
  }

  async start({ recipe, changed }: Start) {
    this.#begin(recipe, changed)
    await this.#attend(() => openRun(recipe, this.#leave.signal))
  }

  /** Shows a run to its end. `open` gives the stream that begins it; without one it is asked for. */
  async #attend(open: () => Promise<Opened | null>) {
    const { signal } = this.#leave
    this.#stages.watch()
    const ticking = setInterval(() => this.#stages.tick(), TICK_MS)
    try {
      const opened = await open()
      if (opened) this.#id = opened.id
      this.keep()
      if (this.#wantsStop) void this.stop()
      await follow({
        id: this.#id,
        ...(opened ? { body: opened.body } : {}),
        after: this.#seq,
        leave: signal,
        onEvents: (events) => signal.aborted || this.#take(events),
        onLine: (isLost) => (this.isLineLost = isLost && !signal.aborted),
      })
    } catch (error) {
      if (this.isRunning && !signal.aborted) this.#fail(error instanceof Refused ? error.problem : CUT_OFF)
    } finally {
      clearInterval(ticking)
      this.keep()
    }
  }

  /** Takes what arrived together at once: one change of the page, however many events came. */
  #take(events: RunEvent[]) {
    const deltas: Delta[] = []
    if (this.#isStale) Object.assign(this, { text: '', thinking: '', tokens: 0, notices: [], toolCalls: [] })
    this.#isStale = false
    for (const { seq, event, data } of events) {
      this.#seq = seq
      if (event === 'delta') deltas.push(data)
      else if (event === 'phase') this.#stages.enter(data)
      else if (event === 'notice') this.notices = [...this.notices, data.text]
      else if (event === 'done') this.figures = figuresOf(data.receipt)
      if (event === 'failed') this.#fail(data.problem)
      else if (event === 'done' || event === 'stopped' || event === 'interrupted') this.#end(event)
    }
    this.#add(deltas)
    if (performance.now() - this.#keptAt < KEEP_EVERY_MS) return
    this.#keptAt = performance.now()
    this.keep()
  }

  #add(deltas: Delta[]) {
    const thinking = deltas.map((delta) => delta.thinking ?? '').join('')
    const text = deltas.map((delta) => delta.text ?? '').join('')
    if (thinking) this.thinking += thinking
    if (text) this.text += text
    for (const { tokens, text, toolCalls = [], logprobs = [] } of deltas) {
      if (toolCalls.length > 0) this.toolCalls = [...this.toolCalls, ...toolCalls]
      this.#weighed.push(...logprobs)
      this.tokens += tokens
      if (text) this.#answerTokens += tokens
    }
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
    this.#answerTokens = 0
    this.#stages.begin()
    Object.assign(this, { state: 'running', model, text: '', thinking: '' })
    Object.assign(this, { prompt: prompt ?? messages?.at(-1)?.content ?? '', messages: messages?.length ?? 1, format })
    Object.assign(this, { toolCalls: [], logprobs: [] })
    Object.assign(this, {
      tokens: 0,
      endedAt: null,
      figures: null,
      failure: null,
      changed,
      notices: [],
      isLineLost: false,
    })
  }

  #fail(problem: Failure) {
    const { title, detail, cause, reason, fix, why, help, alternatives } = problem
    this.failure = { title, detail, cause, reason, fix, why, help, alternatives }
    this.#end('failed')
  }

  #end(state: EndName) {
    this.#stages.tick()
    this.logprobs = this.#weighed
    this.state = state
    this.endedAt = new Date().toISOString()
  }
}

const CUT_OFF: Failure = {
  title: 'This page lost its connection',
  detail: 'The line between this page and Porchlight broke before the run was taken in.',
  fix: [{ text: 'See that Porchlight still runs and that this device is online, then run it again.' }],
}

export const run = new Run()
