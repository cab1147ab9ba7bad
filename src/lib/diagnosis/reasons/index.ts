import { CONFIG_REASONS } from './config.ts'
import { GENERATE_REASONS } from './generate.ts'
import { LINE_REASONS } from './line.ts'
import { OLLAMA_REASONS } from './ollama.ts'
import type { Reason } from './reason.ts'
import { TUNNEL_REASONS } from './tunnel.ts'

export type { Reason, Step } from './reason.ts'

/** Every fine-grained reason this product can name. A new one is a row here and a fault in the simulator. */
export const REASONS = {
  ...CONFIG_REASONS,
  ...LINE_REASONS,
  ...TUNNEL_REASONS,
  ...OLLAMA_REASONS,
  ...GENERATE_REASONS,
} as const satisfies Record<string, Reason>

export type ReasonName = keyof typeof REASONS

export const reason = (name: ReasonName): Reason => REASONS[name]
