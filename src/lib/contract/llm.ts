import type { Outlook } from './warmth.ts'
import type { Cause, ReasonName } from '../diagnosis/index.ts'

/** `GET /api/llm/status`: always 200. `url`, `version` and `reason` for the owner only. */
export interface LlmStatus {
  status: 'online' | 'offline'
  service: 'ollama'
  url?: string
  version?: { version: string }
  cause?: Cause
  reason?: ReasonName
  title?: string
}

/** How a model can be told to think: on or off, or how much. */
export type ThinkingKind = 'switch' | 'levels'

/** A model at home. `size` in bytes; `null` is what this Ollama does not say. */
export interface InstalledModel {
  name: string
  size: number | null
  parameterSize: string | null
  quantization: string | null
  family: string | null
  capabilities: string[]
  /** `null`: it does not think, as far as is known. */
  thinking: ThinkingKind | null
  /** Tokens it was made for; how many it is run with is another matter. */
  contextLength: number | null
  loaded: boolean
  /** It runs elsewhere: asking it costs the account that is signed in at home. */
  cloud: boolean
  digest: string | null
  modifiedAt: string | null
}

/** The same as `GET /api/llm/models` lists it: with what loading it takes. */
export interface Model extends InstalledModel, Outlook {}

export interface ModelList {
  models: Model[]
}

/** One line of Ollama's stream. Durations in nanoseconds, as Ollama gives them; counts in tokens. */
export interface GenerateLine {
  response?: string
  thinking?: string
  done?: boolean
  done_reason?: string
  total_duration?: number
  load_duration?: number
  prompt_eval_count?: number
  prompt_eval_duration?: number
  eval_count?: number
  eval_duration?: number
  error?: string
}
