import { truncationsOf } from '../../src/lib/contract/limits.ts'
import { NOTICES, type NoticeCode } from '../../src/lib/contract/notices.ts'
import type { Problem } from '../../src/lib/contract/problem.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type {
  EndName,
  Receipt,
  RunEvents,
  RunPhase,
  RunState,
} from '../../src/lib/contract/runs.ts'
import { UNKNOWN_FACTS, type Facts } from '../models/facts.ts'
import type { LastLine, Line } from '../ollama/answer.ts'
import type { EventLog, FrameBatch } from './event-log.ts'
import { receiptOf, type Timestamps } from './receipt.ts'
import { roughTokens } from './recipe-limits.ts'
import { RunRecorder } from './run-recorder.ts'
import type { RunStore, UnfinishedRun } from './run-store.ts'

/** A prompt that has been read for less than this is nearly read. */
const LONG_PROMPT_MS = 500

/** A run that has not ended. It records what happens; `executeRun` makes it happen. */
export class LiveRun {
  readonly id: string
  readonly recipe: Recipe
  /** ms since 1970 */
  readonly createdAt: number
  /** Resolves with how the run ended. */
  readonly ended: Promise<EndName>
  state: RunState = 'queued'
  place = 0
  facts: Facts = UNKNOWN_FACTS
  receipt: Receipt | null = null
  failure: Problem | null = null

  readonly #store: RunStore
  readonly #recorder: RunRecorder
  readonly #request = new AbortController()
  readonly #timestamps: Timestamps
  readonly #notices = new Set<NoticeCode>()
  #phase: RunPhase | null = null
  #phaseAt = 0
  #resolveEnded: (how: EndName) => void = () => undefined

  /** `saved`: the events of a previous instance of the object. */
  constructor(
    store: RunStore,
    { id, recipe, createdAt }: Pick<UnfinishedRun, 'id' | 'recipe' | 'createdAt'>,
    saved: readonly FrameBatch[] = [],
  ) {
    this.#store = store
    this.id = id
    this.recipe = recipe
    this.createdAt = createdAt
    this.#recorder = new RunRecorder((batch) => store.append(id, batch), saved)
    this.#timestamps = {
      createdAt,
      sentAt: null,
      connectedAt: null,
      thinkingAt: null,
      answeringAt: null,
      endedAt: createdAt,
    }
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve))
  }

  get log(): EventLog {
    return this.#recorder.log
  }

  /** Aborted when the request at the home must end. */
  get signal(): AbortSignal {
    return this.#request.signal
  }

  get hasEnded(): boolean {
    return this.state !== 'queued' && this.state !== 'running'
  }

  /** Whether the home has been reading the prompt for long enough that it may go on for a while. */
  get isReadingPrompt(): boolean {
    return this.#phase === 'prompt' && Date.now() - this.#phaseAt > LONG_PROMPT_MS
  }

  /** ms since 1970, or `null` while the run waits. */
  get sentAt(): number | null {
    return this.#timestamps.sentAt
  }

  get hasBegun(): boolean {
    return this.#timestamps.thinkingAt !== null || this.#timestamps.answeringAt !== null
  }

  /** How many tokens the run has cost the home; estimated where the home has not counted them. */
  get tokensSpent(): number {
    const isFree = this.sentAt === null || (this.state === 'failed' && !this.hasBegun)
    if (isFree) return 0
    const { prompt = null, generated = null } = this.receipt?.tokens ?? {}
    return (prompt ?? roughTokens(this.recipe)) + (generated ?? this.#recorder.lines)
  }

  waitAt(place: number) {
    this.place = place
    this.#enterPhase('queued', { place })
  }

  markSent() {
    this.state = 'running'
    this.place = 0
    this.#timestamps.sentAt = Date.now()
    this.#enterPhase('connecting')
  }

  /** Ollama's own queue is full. The next attempt starts over. */
  waitWhileBusy() {
    if (this.hasEnded) return
    this.#timestamps.connectedAt = null
    this.#enterPhase('queued')
    this.notify('home_busy')
  }

  /** The facts may arrive after the first line of the answer. */
  addFacts(facts: Partial<Facts>) {
    this.facts = { ...this.facts, ...facts }
    if (this.hasEnded || this.#phase !== 'connecting' || facts.cold == null) return
    this.#timestamps.connectedAt = Date.now()
    this.#enterPhase(facts.cold ? 'loading' : 'prompt')
  }

  addLine(line: Line) {
    if (this.hasEnded) return
    if (line.text || line.toolCalls?.length) this.#beginOutput('answering', 'answeringAt')
    else if (line.thinking) this.#beginOutput('thinking', 'thinkingAt')
    else if (!line.logprobs?.length) return
    this.#recorder.addLine(line)
  }

  /** Sends each notice once. */
  notify(code: NoticeCode) {
    if (this.hasEnded || this.#notices.has(code)) return
    this.#notices.add(code)
    this.#recorder.append('notice', { code, text: NOTICES[code] })
  }

  complete(last: LastLine) {
    if (this.hasEnded) return
    this.#recorder.flush()
    this.#timestamps.endedAt = Date.now()
    const { output } = this.#recorder
    const receipt = receiptOf(this.recipe, this.facts, last, output, this.#timestamps)
    for (const code of truncationsOf(receipt, output)) this.notify(code)
    this.end('done', { receipt }, { receipt })
  }

  fail(problem: Problem) {
    this.end('failed', { problem }, { failure: problem })
  }

  /** Only the first end counts. */
  end<Name extends EndName>(
    name: Name,
    data: RunEvents[Name],
    more: { receipt?: Receipt; failure?: Problem } = {},
  ) {
    if (this.hasEnded) return
    this.#recorder.flush()
    this.state = name
    this.place = 0
    this.receipt = more.receipt ?? null
    this.failure = more.failure ?? null
    this.#recorder.append(name, data)
    this.#recorder.close()
    const { output } = this.#recorder
    this.#store.end(this.id, { state: name, endedAt: Date.now(), output, ...more })
    this.abortRequest()
    this.#resolveEnded(name)
  }

  /** Ends the request at the home at once. */
  abortRequest() {
    this.#request.abort()
  }

  /** Writes the events so far to the database. */
  persist() {
    this.#recorder.persist()
  }

  #beginOutput(phase: RunPhase, timestamp: 'thinkingAt' | 'answeringAt') {
    if (this.#phase === phase) return
    this.#timestamps[timestamp] ??= Date.now()
    this.#enterPhase(phase)
  }

  #enterPhase(phase: RunPhase, more: { place?: number } = {}) {
    this.#phase = phase
    this.#phaseAt = Date.now()
    this.#recorder.append('phase', { phase, ...more, sinceMs: Date.now() - this.createdAt })
  }
}
