import type { Outlook } from './warmth.ts'
import type { Cause, ReasonName } from '../diagnosis/index.ts'

/** `GET /api/llm/status`, which always answers 200. `url`, `version` and `reason` are for the owner only. */
export interface LlmStatus {
  status: 'online' | 'offline'
  service: 'ollama'
  url?: string
  version?: { version: string }
  cause?: Cause
  reason?: ReasonName
  title?: string
}

/** How a model's thinking is controlled: on or off, or by level. */
export type ThinkingKind = 'switch' | 'levels'

/** An installed model. `size` is in bytes; `null` means that this Ollama does not report the value. */
export interface InstalledModel {
  name: string
  size: number | null
  parameterSize: string | null
  quantization: string | null
  family: string | null
  capabilities: string[]
  /** `null`: as far as we know, it cannot think. */
  thinking: ThinkingKind | null
  /** The model's maximum in tokens; it may be loaded with fewer. */
  contextLength: number | null
  loaded: boolean
  /** Whether it runs in Ollama's cloud, at the cost of the account that is signed in at home. */
  cloud: boolean
  digest: string | null
  modifiedAt: string | null
}

/** A model as `GET /api/llm/models` lists it, with the time that loading takes. */
export interface Model extends InstalledModel, Outlook {}

export interface ModelList {
  models: Model[]
}

/** One line of Ollama's stream. Durations are in nanoseconds, as Ollama sends them; counts are in tokens. */
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
