import { truncationsOf } from '../../src/lib/contract/limits.ts'
import { NOTICES, type NoticeCode } from '../../src/lib/contract/notices.ts'
import type { Problem } from '../../src/lib/contract/problem.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type {
  Delta,
  EndName,
  Receipt,
  RunEvents,
  RunPhase,
  RunState,
} from '../../src/lib/contract/runs.ts'
import { roughTokens } from './recipe-limits.ts'
import type { LastLine, Line } from '../ollama/answer.ts'
import { UNKNOWN_FACTS, type Facts } from '../models/facts.ts'
import { EventLog, type Stretch } from './event-log.ts'
import { addTo, emptyOutput } from './output.ts'
import { receiptOf, type Times } from './receipt.ts'
import type { RunStore } from './run-store.ts'
import { after } from '../timers.ts'

/** ms. What comes closer together is told as one event: more of them a second than a screen shows help nobody. */
const TELL_EVERY_MS = 16
/** ms. Each batch that is kept holds back what is sent after it until it is on disk. */
const KEEP_EVERY_MS = 250
/** A new phase is kept soon, but after the word that opened it is on its way. */
const KEEP_PHASE_MS = 25

/** What is left of a prompt that is read in less is read in a moment. */
const LONG_READING_MS = 500

/** A run that is not over: what it has told, and what of that is kept. Who drives it is not its matter. */
export class LiveRun {
  readonly id: string
  readonly recipe: Recipe
  /** ms since 1970. */
  readonly createdAt: number
  readonly log = new EventLog()
  /** Ends the request at the home. */
  readonly leave = new AbortController()
  /** How it ended. */
  readonly over: Promise<EndName>
  state: RunState = 'queued'
  place = 0
  facts: Facts = UNKNOWN_FACTS
  receipt: Receipt | null = null
  failure: Problem | null = null

  #store: RunStore
  #output = emptyOutput()
  #phase: RunPhase | null = null
  #phaseAt = 0
  #noticed = new Set<NoticeCode>()
  #times: Times
  #delta: Delta | null = null
  #pieces = 0
  #toldAt = 0
  #cancelTelling: (() => void) | null = null
  #keeping: { cancel: () => void; at: number } | null = null
  #setOver: (how: EndName) => void = () => undefined

  /** `told`: by a former life of this object. */
  constructor(
    store: RunStore,
    id: string,
    recipe: Recipe,
    createdAt: number,
    told: readonly Stretch[] = [],
  ) {
    this.#store = store
    this.id = id
    this.recipe = recipe
    this.createdAt = createdAt
    this.log.resume(told)
    const never = { sentAt: null, connectedAt: null, thinkingAt: null, answeringAt: null }
    this.#times = { createdAt, ...never, endedAt: createdAt }
    this.over = new Promise((resolve) => (this.#setOver = resolve))
  }

  get isOver(): boolean {
    return this.state !== 'queued' && this.state !== 'running'
  }

  /** The model is loaded, and reads the prompt for a time that is worth a word. */
  get isReading(): boolean {
    return this.#phase === 'prompt' && Date.now() - this.#phaseAt > LONG_READING_MS
  }

  /** ms since 1970; `null`: it waits. */
  get sentAt(): number | null {
    return this.#times.sentAt
  }

  get hasBegun(): boolean {
    return this.#times.thinkingAt !== null || this.#times.answeringAt !== null
  }

  /** Tokens that it has cost the home. What the home did not tell is an estimate. */
  get spent(): number {
    const { prompt = null, generated = null } = this.receipt?.tokens ?? {}
    const isForNothing = this.sentAt === null || (this.state === 'failed' && !this.hasBegun)
    return isForNothing ? 0 : (prompt ?? roughTokens(this.recipe)) + (generated ?? this.#pieces)
  }

  waitAt(place: number) {
    this.place = place
    this.#tellPhase('queued', { place })
  }

  send() {
    this.state = 'running'
    this.place = 0
    this.#times.sentAt = Date.now()
    this.#tellPhase('connecting')
  }

  /** Ollama has no room for it now. What comes after it is a new beginning. */
  waitForRoom() {
    if (this.isOver) return
    this.#times.connectedAt = null
    this.#tellPhase('queued')
    this.notice('home_busy')
  }

  /** The home has said how the model is; the answer may have been quicker. */
  learn(facts: Partial<Facts>) {
    this.facts = { ...this.facts, ...facts }
    if (this.isOver || this.#phase !== 'connecting' || facts.cold == null) return
    this.#times.connectedAt = Date.now()
    this.#tellPhase(facts.cold ? 'loading' : 'prompt')
  }

  take({ text, thinking, toolCalls, logprobs }: Line) {
    if (this.isOver) return
    if (text || toolCalls?.length) this.#open('answering', 'answeringAt')
    else if (thinking) this.#open('thinking', 'thinkingAt')
    else if (!logprobs?.length) return
    const delta = (this.#delta ??= { tokens: 0 })
    delta.tokens++
    this.#pieces++
    if (text) delta.text = (delta.text ?? '') + text
    if (thinking) delta.thinking = (delta.thinking ?? '') + thinking
    if (toolCalls?.length) delta.toolCalls = [...(delta.toolCalls ?? []), ...toolCalls]
    if (logprobs?.length) delta.logprobs = [...(delta.logprobs ?? []), ...logprobs]
    this.#tellSoon()
  }

  /** Each is said once. */
  notice(code: NoticeCode) {
    if (this.isOver || this.#noticed.has(code)) return
    this.#noticed.add(code)
    this.#tellDelta()
    this.log.append('notice', { code, text: NOTICES[code] })
    this.#keepWithin(KEEP_PHASE_MS)
  }

  done(last: LastLine) {
    if (this.isOver) return
    this.#tellDelta()
    this.#times.endedAt = Date.now()
    const receipt = receiptOf(this.recipe, this.facts, last, this.#output, this.#times)
    for (const code of truncationsOf(receipt, this.#output)) this.notice(code)
    this.end('done', { receipt }, { receipt })
  }

  fail(problem: Problem) {
    this.end('failed', { problem }, { failure: problem })
  }

  /** Exactly once: what comes after the end is not told. */
  end<Name extends EndName>(
    name: Name,
    data: RunEvents[Name],
    more: { receipt?: Receipt; failure?: Problem } = {},
  ) {
    if (this.isOver) return
    this.#tellDelta()
    this.state = name
    this.place = 0
    this.receipt = more.receipt ?? null
    this.failure = more.failure ?? null
    this.log.append(name, data)
    this.log.close()
    this.#keeping?.cancel()
    this.keep()
    this.#store.end(this.id, { state: name, endedAt: Date.now(), output: this.#output, ...more })
    this.leave.abort()
    this.#setOver(name)
  }

  /** Writes down what has been told since the last time. */
  keep() {
    this.#keeping = null
    const stretch = this.log.takeUnkept()
    if (stretch) this.#store.append(this.id, stretch)
  }

  #open(phase: RunPhase, at: 'thinkingAt' | 'answeringAt') {
    if (this.#phase === phase) return
    this.#times[at] ??= Date.now()
    this.#tellPhase(phase)
  }

  #tellPhase(phase: RunPhase, more: { place?: number } = {}) {
    this.#tellDelta()
    this.#phase = phase
    this.#phaseAt = Date.now()
    this.log.append('phase', { phase, ...more, sinceMs: Date.now() - this.#times.createdAt })
    this.#keepWithin(KEEP_PHASE_MS)
  }

  #tellSoon() {
    const wait = this.#toldAt + TELL_EVERY_MS - Date.now()
    if (wait <= 0) this.#tellDelta()
    else this.#cancelTelling ??= after(wait, () => this.#tellDelta())
  }

  #tellDelta() {
    this.#cancelTelling?.()
    this.#cancelTelling = null
    if (this.#delta === null) return
    addTo(this.#output, this.#delta)
    this.log.append('delta', this.#delta)
    this.#delta = null
    this.#toldAt = Date.now()
    this.#keepWithin(KEEP_EVERY_MS)
  }

  #keepWithin(ms: number) {
    const at = Date.now() + ms
    if (this.#keeping !== null && this.#keeping.at <= at) return
    this.#keeping?.cancel()
    this.#keeping = { cancel: after(ms, () => this.keep()), at }
  }
}
