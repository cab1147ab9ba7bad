import * as v from 'valibot'
import { GenerateRequest } from './generate.ts'
import type { Problem } from './problem.ts'
import { KeepAlive } from './recipe.ts'

const { model, options } = GenerateRequest.entries

/** Body of `POST /api/warm`. `options` that affect loading, such as `num_ctx`, must match those of later runs. */
export const WarmRequest = v.pipe(
  v.strictObject({
    model,
    options,
    keepAlive: v.optional(KeepAlive),
    keep_alive: v.optional(KeepAlive),
  }),
  v.transform(({ keep_alive, keepAlive = keep_alive, ...request }) => ({
    ...request,
    ...(keepAlive === undefined ? {} : { keepAlive }),
  })),
)

export type WarmRequest = v.InferOutput<typeof WarmRequest>

/** Body of `POST /api/unload`. */
export const UnloadRequest = v.strictObject({ model })

/** `watching`: a proxy has ended the request, and the server checks whether the home is still loading. */
export type WarmState = 'queued' | 'loading' | 'watching' | 'loaded' | 'failed' | 'stopped'

/** The current load, or the last one. */
export interface WarmUp {
  model: string
  state: WarmState
  /** 1: next in line; 0: it is loading, or it is over. */
  place: number
  /** When the request was sent to the home; `null`: not yet. RFC 3339, UTC. */
  askedAt: string | null
  /** The duration of the load so far. */
  ms: number | null
  /** Why it failed. */
  problem: Problem | null
}

/** A model that is in the home's memory. */
export interface LoadedModel {
  name: string
  digest: string | null
  /** bytes */
  size: number | null
  /** 0 to 1. */
  gpuShare: number | null
  contextLength: number | null
  /** When Ollama unloads it if it is not used; centuries ahead if it stays. RFC 3339. */
  expiresAt: string | null
}

/** `GET /api/loaded`. `models` is `null` if the home did not answer in time. */
export interface Loaded {
  models: LoadedModel[] | null
  warmUp: WarmUp | null
}

/** How long loading a model is likely to take, from this home's past. */
export interface Outlook {
  /** The likely duration of a load; `null`: no similar model was ever loaded from here. */
  coldMs: number | null
  /** Whether loading may be silent for longer than the tunnel waits. */
  mayExceed: boolean
}
