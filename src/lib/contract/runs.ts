import type { Lane } from './access.ts'
import type { NoticeCode } from './notices.ts'
import type { Options } from './options.ts'
import type { Problem } from './problem.ts'
import type { Recipe } from './recipe.ts'

export type RunState = 'queued' | 'running' | 'done' | 'failed' | 'stopped' | 'interrupted'
export type RunPhase = 'queued' | 'connecting' | 'loading' | 'prompt' | 'thinking' | 'answering'

/** The response to a new run. `place` 1: next in line; 0: it runs, or is over. */
export interface Started {
  id: string
  state: RunState
  place: number
}

/** A tool call in Ollama's format. */
export interface ToolCall {
  id?: string
  function: { name: string; arguments: Record<string, unknown>; index?: number }
}

export interface Output {
  text: string
  thinking: string
  toolCalls: ToolCall[]
}

/** `tokens`: the number of lines of the home's stream that this combines. */
export interface Delta {
  text?: string
  thinking?: string
  toolCalls?: ToolCall[]
  logprobs?: unknown[]
  tokens: number
}

/** What happened in a run, by name. Exactly one of the last four ends it. */
export interface RunEvents {
  /** `sinceMs`: milliseconds since the run was accepted. */
  phase: { phase: RunPhase; place?: number; sinceMs: number }
  delta: Delta
  notice: { code: NoticeCode; text: string }
  done: { receipt: Receipt }
  failed: { problem: Problem }
  stopped: Record<string, never>
  interrupted: Record<string, never>
}

export type RunEventName = keyof RunEvents
export type EndName = 'done' | 'failed' | 'stopped' | 'interrupted'

export const END_NAMES = [
  'done',
  'failed',
  'stopped',
  'interrupted',
] as const satisfies readonly EndName[]

/** An event as it is sent: its number (from 1, without gaps), its name and its data. */
export type RunEvent = {
  [Name in RunEventName]: { seq: number; event: Name; data: RunEvents[Name] }
}[RunEventName]

/** The figures of a finished run. Unknown values are `null`, never 0. */
export interface Receipt {
  model: string
  digest: string | null
  quantization: string | null
  ollamaVersion: string | null
  /** The context that Ollama actually allocated. */
  contextLength: number | null
  /** 0 to 1. */
  gpuShare: number | null
  seed: number | null
  optionsSent: Options
  /** As in the recipe; `null`: not sent, so the model’s own default holds. */
  think: boolean | 'low' | 'medium' | 'high' | 'max' | null
  keepAlive: number | string | null
  doneReason: string | null
  /** Whether Ollama left out a part of the prompt. */
  truncated: boolean | null
  cold: boolean | null
  /** `generated` is thinking and answer together: Ollama counts them as one. */
  tokens: {
    prompt: number | null
    thinking: number | null
    answer: number | null
    generated: number | null
  }
  /** `first`: from sending to the first token. `total`: from sending to the end. `overhead`: the part of it that the home does not report. */
  ms: Record<
    | 'queue'
    | 'connect'
    | 'load'
    | 'prompt'
    | 'thinking'
    | 'answer'
    | 'first'
    | 'total'
    | 'overhead',
    number | null
  >
  /** Tokens per second; `answer` from evaluation alone. */
  rate: { prompt: number | null; answer: number | null }
}

/** A run as lists show it. Times are RFC 3339, UTC. */
export interface RunSummary {
  id: string
  state: RunState
  model: string
  /** The beginning of the prompt, or of the last message. */
  title: string
  /** The kind of caller that started it. */
  lane: Lane
  createdAt: string
  endedAt: string | null
  /** The main figures of the receipt, once the run is done. */
  figures: RunFigures | null
  failure: Pick<Problem, 'title' | 'cause'> | null
}

export interface RunFigures {
  firstMs: number | null
  /** Tokens per second of the answer. */
  rate: number | null
  /** The number of generated tokens. */
  tokens: number | null
  cold: boolean | null
  truncated: boolean | null
}

export interface RunDetail extends RunSummary {
  recipe: Recipe
  output: Output
  receipt: Receipt | null
  failure: Problem | null
}

export interface RunList {
  runs: RunSummary[]
  /** Pass it as `before` to get older ones; `null`: there are no more. */
  next: string | null
}

export const EVENTS_TYPE = 'text/event-stream'
