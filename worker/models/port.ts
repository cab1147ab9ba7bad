import type { Outlook, WarmRequest, WarmUp } from '../../src/lib/contract/warmth.ts'

/** A model file, as far as the home reports it. */
export interface Weights {
  model: string
  digest: string | null
  /** bytes */
  size: number | null
}

/** Loads a model before it is needed, and estimates how long loading takes at this home. */
export interface WarmUpPort {
  /** `null` while another model is being loaded. */
  start: (request: WarmRequest) => Promise<WarmUp | null>
  read: () => Promise<WarmUp | null>
  stop: () => Promise<void>
  /** In the order of the models. */
  outlooks: (models: Weights[]) => Promise<Outlook[]>
}
