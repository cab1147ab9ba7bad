/** Everything that can be wrong between a client and a home, one row each. */
import { EDGE_FAULTS } from './faults/edge.ts'
import { LINE_FAULTS } from './faults/lines.ts'
import { OLLAMA_FAULTS } from './faults/ollama.ts'
import { PROXY_FAULTS } from './faults/proxies.ts'
import { SETTING_FAULTS } from './faults/settings.ts'
import type { Fault } from './fault.ts'

export type { Fault, Settings } from './fault.ts'

export const FAULTS = {
  ...SETTING_FAULTS,
  ...LINE_FAULTS,
  ...EDGE_FAULTS,
  ...PROXY_FAULTS,
  ...OLLAMA_FAULTS,
} as const satisfies Record<string, Fault>

export type FaultName = keyof typeof FAULTS

export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[]

export function isFaultName(name: unknown): name is FaultName {
  return typeof name === 'string' && Object.hasOwn(FAULTS, name)
}
