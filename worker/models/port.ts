import type { Outlook, WarmRequest, WarmUp } from '../../src/lib/contract/warmth.ts'

/** The weights of a model, as far as the home tells them. `size` in bytes. */
export interface Weights {
  model: string
  digest: string | null
  size: number | null
}

/** Loading a model before it is needed, and what loading takes at this home. */
export interface WarmUpPort {
  /** `null` while another model is being loaded. */
  start: (request: WarmRequest) => Promise<WarmUp | null>
  read: () => Promise<WarmUp | null>
  stop: () => Promise<void>
  /** In the order of the models. */
  outlooks: (models: Weights[]) => Promise<Outlook[]>
}
