/** The part of a simulated home that the control plane operates. */
import type { Asked } from './asked.ts'
import type { FaultName, Settings } from './faults.ts'
import type { Model } from './models.ts'

export interface Controlled {
  readonly models: readonly Model[]
  readonly fault: FaultName | null
  setModels(models: readonly Model[]): void
  setFault(name: FaultName | null): Promise<void>
  /** The variables that a server needs to meet the current fault, the home's address first. */
  settings(): Settings
  asked(): Asked[]
  forget(): void
  reset(): Promise<void>
}
