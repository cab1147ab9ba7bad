/** The state of an Ollama when a request arrives; a fault changes it. */
import type { Memory } from './memory.ts'
import type { Model } from './models.ts'
import type { Refusal } from './requests.ts'
import type { StreamFault } from './stream-faults.ts'

export interface World {
  version: string
  /** The listed models, and the usable ones among them. */
  models: readonly Model[]
  usable: readonly Model[]
  memory: Memory
  /** Of the home itself, whatever fault is in front of it. */
  change: (models: readonly Model[]) => void
  tokensPerSecond: number
  refusesEveryHost?: boolean
  tagsError?: string
  /** Added by a proxy where the request has none. */
  addsOrigin?: string
  /** The answer to every generation, instead of loading. */
  refusal?: Refusal
  silent?: boolean
  streamFault?: StreamFault
  faultAfter: number
}

export type WorldChange = Partial<Omit<World, 'memory' | 'usable' | 'change'>> & {
  unusable?: string
}
