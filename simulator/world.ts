/** What an Ollama is at the moment a request arrives; a fault is a change of it. */
import type { Memory } from './memory.ts'
import type { Model } from './models.ts'
import type { Refusal } from './requests.ts'
import type { StreamFault } from './stream-faults.ts'

export interface World {
  version: string
  /** Listed, and of those the ones that can be used. */
  models: readonly Model[]
  usable: readonly Model[]
  memory: Memory
  /** Of the home itself, whatever fault stands before it. */
  change: (models: readonly Model[]) => void
  tokensPerSecond: number
  refusesEveryHost?: boolean
  tagsError?: string
  /** A proxy on the way adds it where there is none. */
  addsOrigin?: string
  /** Answered to every generation instead of loading. */
  refusal?: Refusal
  silent?: boolean
  streamFault?: StreamFault
  faultAfter: number
}

export type WorldChange = Partial<Omit<World, 'memory' | 'usable' | 'change'>> & {
  unusable?: string
}
