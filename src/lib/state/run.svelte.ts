import { api } from '$lib/api'
import type { GenerateRequest } from '$lib/contract/generate'
import type { GenerateLine } from '$lib/contract/llm'
import type { Problem } from '$lib/contract/problem'
import { readLines } from './read-lines'
import { figuresOf, type Figures } from './figures'
import { readRun, type KeptRun } from './kept'
import { claim, isReadElsewhere } from './living'
import { keepStored, readStored } from './stored'

export type Phase = 'connect' | 'load' | 'prompt' | 'think' | 'answer'
export type RunState = 'none' | 'running' | 'done' | 'stopped' | 'failed' | 'interrupted'

/** Why a run failed, from the API's problem or from the last line of a broken stream. */
export type Failure = Pick<Problem, 'title' | 'detail' | 'cause' | 'reason' | 'fix' | 'why' | 'help' | 'alternatives'>

export interface Start {
  request: GenerateRequest
  /** `null`: not known, because the home did not answer. */
  wasLoaded: boolean | null
  changed: string[]
}

const KEEP_EVERY_MS = 1000
const TICK_MS = 100

/** One run on this page: its phases, its text as it comes, its figures. What came survives a reload on this device. */
class Run {
  state = $state<RunState>('none')
  phase = $state<Phase>('connect')
  model = $state('')
  prompt = $state('')
  text = $state('')
  thinking = $state('')
  tokens = $state(0)
  endedAt = $state<string | null>(null)
  figures = $state.raw<Figures | null>(null)
  failure = $state.raw<Failure | null>(null)
  changed = $state.raw<string[]>([])
  /** ms that each phase took; the current one counts on. */
  spent = $state<Partial<Record<Phase, number>>>({})

  #answerTokens = $state(0)
  isRunning = $derived(this.state === 'running')
  /** Tokens per second while they stream. */
  rate = $derived(
    this.tokens > 4 && (this.spent.answer ?? 0) > 200 ? (this.#answerTokens * 1000) / (this.spent.answer ?? 1) : null,
  )

  #id = ''
  #letGo: () => void = () => undefined
  #leave = new AbortController()
  #isLeft = false
  #phaseAt = 0
  #keptAt = 0

  async load() {
    const kept = readRun(readStored('run'))
    if (!kept) return
    if (kept.state === 'running') {
      if (await isReadElsewhere(kept.id)) return
      // The page that was reading it is gone without a goodbye, and with it the request.
      kept.state = 'interrupted'
    }
    if (this.state !== 'none') return
    const { id, ...shown } = kept
    this.#id = id
    Object.assign(this, shown)
  }

  keep() {
    const { model, prompt, text, thinking, figures, failure, changed } = this
    if (this.state === 'none') return
    const isOver = this.isRunning && this.#isLeft
    const state = isOver ? 'interrupted' : this.state
    const endedAt = isOver ? new Date().toISOString() : this.endedAt
    const kept = { id: this.#id, state, model, prompt, text, thinking, endedAt, figures, failure, changed }
    keepStored('run', kept satisfies KeptRun)
  }

  /** The page is being left, which ends its request. */
  leave() {
    this.#isLeft = true
    this.keep()
    this.#letGo()
  }

  /** The page was brought back as it was; its request is gone all the same. */
  comeBack() {
    this.#isLeft = false
    if (this.isRunning) this.#end('interrupted')
  }

  stop() {
    if (!this.isRunning) return
    this.#end('stopped')
    this.#leave.abort()
  }

  async start({ request, wasLoaded, changed }: Start) {
    const startedAt = performance.now()
    this.#begin(request, changed)
    const ticking = setInterval(() => this.#tick(), TICK_MS)
    try {
      this.#enter(wasLoaded === false ? 'load' : wasLoaded === true ? 'prompt' : 'connect')
      const response = await api.api.llm.generate.$post({ json: request }, { init: { signal: this.#leave.signal } })
      if (!response.ok || !response.body) this.#fail((await response.json()) as unknown as Problem)
      else await this.#read(response.body, startedAt, wasLoaded)
    } catch {
      if (this.isRunning && !this.#isLeft) this.#fail(CUT_OFF)
    } finally {
      clearInterval(ticking)
      this.keep()
      this.#letGo()
    }
  }

  async #read(body: ReadableStream<Uint8Array>, startedAt: number, wasLoaded: boolean | null) {
    let firstMs: number | null = null
    for await (const lines of readLines<GenerateLine & Partial<Failure>>(body)) {
      firstMs ??= performance.now() - startedAt
      this.#take(lines)
      for (const line of lines) {
        if (line.error !== undefined) this.#fail({ title: 'The answer broke off', ...line, detail: line.error })
        else if (line.done) {
          this.figures = figuresOf(line, { firstMs, totalMs: performance.now() - startedAt, wasLoaded })
          this.#end('done')
        }
      }
    }
    if (this.isRunning) this.#fail(CUT_OFF)
  }

  /** Adds a packet's worth of lines at once: one change of the page, however many tokens came. */
  #take(lines: GenerateLine[]) {
    const thinking = lines.map((line) => line.thinking ?? '').join('')
    const text = lines.map((line) => line.response ?? '').join('')
    if (thinking) this.thinking += thinking
    if (text) this.text += text
    if (text) this.#enter('answer')
    else if (thinking) this.#enter('think')
    this.tokens += lines.filter((line) => line.response || line.thinking).length
    this.#answerTokens += lines.filter((line) => line.response).length
    if (performance.now() - this.#keptAt < KEEP_EVERY_MS) return
    this.#keptAt = performance.now()
    this.keep()
  }

  #begin(request: GenerateRequest, changed: string[]) {
    this.#leave = new AbortController()
    this.#id = Math.random().toString(36).slice(2)
    this.#letGo = claim(this.#id)
    this.spent = {}
    this.#phaseAt = performance.now()
    this.#answerTokens = 0
    Object.assign(this, {
      state: 'running',
      phase: 'connect',
      model: request.model,
      prompt: request.prompt,
      text: '',
      thinking: '',
    })
    Object.assign(this, { tokens: 0, endedAt: null, figures: null, failure: null, changed })
    this.keep()
  }

  #enter(phase: Phase) {
    if (phase === this.phase) return
    this.#tick()
    this.phase = phase
    this.#phaseAt = performance.now()
    this.spent[phase] ??= 0
  }

  #tick() {
    const now = performance.now()
    this.spent[this.phase] = (this.spent[this.phase] ?? 0) + now - this.#phaseAt
    this.#phaseAt = now
  }

  #fail(problem: Failure) {
    const { title, detail, cause, reason, fix, why, help, alternatives } = problem
    this.failure = { title, detail, cause, reason, fix, why, help, alternatives }
    this.#end('failed')
  }

  #end(state: RunState) {
    this.#tick()
    this.state = state
    this.endedAt = new Date().toISOString()
  }
}

const CUT_OFF: Failure = {
  title: 'This page lost its connection',
  detail: 'The line between this page and Porchlight broke. The text so far is kept.',
  fix: [{ text: 'See that Porchlight still runs and that this device is online, then run it again.' }],
}

export const run = new Run()
