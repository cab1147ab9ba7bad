import * as v from 'valibot'
import { GenerateRequest } from './generate.ts'
import type { Problem } from './problem.ts'
import { KeepAlive } from './recipe.ts'

const { model, options } = GenerateRequest.entries

/** Body of `POST /api/warm`. `options` that decide how a model is loaded, as `num_ctx`, must be those of the runs to come. */
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

/** `watching`: a proxy has ended the request, and it is seen whether the home loads on. */
export type WarmState = 'queued' | 'loading' | 'watching' | 'loaded' | 'failed' | 'stopped'

/** A model being loaded, or the last one that was. */
export interface WarmUp {
  model: string
  state: WarmState
  /** 1 is next; 0: it is its turn, or it is over. */
  place: number
  /** When the home was asked; `null`: not yet. RFC 3339, UTC. */
  askedAt: string | null
  /** How long the load took, or has taken so far. */
  ms: number | null
  /** Why it failed. */
  problem: Problem | null
}

/** A model that the home has in its memory. */
export interface LoadedModel {
  name: string
  digest: string | null
  /** bytes */
  size: number | null
  /** 0 to 1. */
  gpuShare: number | null
  contextLength: number | null
  /** When it goes, if nobody asks; centuries ahead when it stays. RFC 3339. */
  expiresAt: string | null
}

/** `GET /api/loaded`. `models` is `null` when the home did not say in time. */
export interface Loaded {
  models: LoadedModel[] | null
  warmUp: WarmUp | null
}

/** What this home’s past says about loading a model. */
export interface Outlook {
  /** ms a load is likely to take; `null`: nothing like it was ever loaded from here. */
  coldMs: number | null
  /** Loading may be silent for longer than what stands before the home waits. */
  mayExceed: boolean
}
