import type { Problem } from '$lib/contract/problem'
import type { Recipe } from '$lib/contract/recipe'
import type { Delta, EndName, Receipt, RunEvents, ToolCall } from '$lib/contract/runs'
import type { StoredRun } from '../bench/persisted-schemas'
import { explanationsOf, type ExplanationName } from './truncation'

export type ShownState = 'none' | 'running' | EndName

/** Why a run failed: the API's problem, as far as the page shows it. */
export type Failure = Pick<
  Problem,
  'title' | 'detail' | 'cause' | 'reason' | 'fix' | 'why' | 'help' | 'alternatives'
>

/** A run as the page shows it and as this device stores it. */
export class RunContent {
  state = $state<ShownState>('none')
  model = $state('')
  prompt = $state('')
  text = $state('')
  thinking = $state('')
  tokens = $state(0)
  endedAt = $state<string | null>(null)
  receipt = $state.raw<Receipt | null>(null)
  failure = $state.raw<Failure | null>(null)
  /** The options that differ from the defaults, in words. */
  changed = $state.raw<string[]>([])
  notices = $state.raw<RunEvents['notice'][]>([])
  toolCalls = $state.raw<ToolCall[]>([])
  /** The requested format; `null`: any text. */
  format = $state.raw<NonNullable<Recipe['format']> | null>(null)
  /** How many messages were sent; a prompt alone is one. */
  messages = $state(1)
  /** Token probabilities were requested. */
  hasLogprobs = $state(false)
  isRunning = $derived(this.state === 'running')
  explanations = $derived.by((): ExplanationName[] =>
    this.state === 'done' && this.receipt ? explanationsOf(this.receipt, this, this.messages) : [],
  )

  /** Not reactive: there may be thousands, and they are only shown on demand. */
  protected probabilities: unknown[] = []

  protected beginContent({ model, prompt, messages, format, logprobs }: Recipe) {
    this.clearOutput()
    this.state = 'running'
    this.model = model
    this.prompt = prompt ?? messages?.at(-1)?.content ?? ''
    this.messages = messages?.length ?? 1
    this.format = format ?? null
    this.hasLogprobs = logprobs === true
    this.endedAt = null
    this.receipt = null
    this.failure = null
  }

  /** What the events of the run build up again from its beginning. */
  protected clearOutput() {
    this.text = ''
    this.thinking = ''
    this.tokens = 0
    this.notices = []
    this.toolCalls = []
    this.probabilities = []
  }

  /** Changes each field once, however many deltas arrived together. */
  protected addDeltas(deltas: readonly Delta[]) {
    const thinking = deltas.map((delta) => delta.thinking ?? '').join('')
    const text = deltas.map((delta) => delta.text ?? '').join('')
    if (thinking) this.thinking += thinking
    if (text) this.text += text
    for (const { tokens, toolCalls = [], logprobs = [] } of deltas) {
      if (toolCalls.length > 0) this.toolCalls = [...this.toolCalls, ...toolCalls]
      this.probabilities.push(...logprobs)
      this.tokens += tokens
    }
  }

  protected restore(stored: StoredRun) {
    this.state = stored.state
    this.model = stored.model
    this.prompt = stored.prompt
    this.text = stored.text
    this.thinking = stored.thinking
    this.endedAt = stored.endedAt
    this.receipt = stored.receipt
    this.failure = stored.failure
    this.changed = stored.changed
    this.toolCalls = stored.toolCalls
    this.format = stored.format
    this.messages = stored.messages
    this.hasLogprobs = stored.hasLogprobs
  }

  /** `null`: there is nothing to store. */
  protected toStored(id: string, startedAt: number): StoredRun | null {
    const { state, model, prompt, text, thinking, endedAt, receipt, failure, changed } = this
    const { toolCalls, format, messages, hasLogprobs } = this
    if (state === 'none' || id === '') return null
    return {
      id,
      startedAt,
      state,
      model,
      prompt,
      text,
      thinking,
      endedAt,
      receipt,
      failure,
      changed,
      toolCalls,
      format,
      messages,
      hasLogprobs,
    }
  }
}
