import { ACCESS_REASONS } from './access.ts'
import { CONFIG_REASONS } from './config.ts'
import { CONNECTION_REASONS } from './connection.ts'
import { ENCRYPTION_REASONS } from './encryption.ts'
import { GENERATE_REASONS } from './generate.ts'
import { IDENTITY_REASONS } from './identity.ts'
import { MODEL_REASONS } from './model.ts'
import { NAME_REASONS } from './name.ts'
import { OLLAMA_REASONS } from './ollama.ts'
import type { Reason } from './reason.ts'
import { TUNNEL_REASONS } from './tunnel.ts'

export type { Reason, Step, StepTemplate, Variant } from './reason.ts'

/** Every reason, in the order of the ladder. A new one needs a row here and a fault in the simulator. */
export const REASONS = {
  ...CONFIG_REASONS,
  ...NAME_REASONS,
  ...CONNECTION_REASONS,
  ...ENCRYPTION_REASONS,
  ...TUNNEL_REASONS,
  ...ACCESS_REASONS,
  ...OLLAMA_REASONS,
  ...IDENTITY_REASONS,
  ...MODEL_REASONS,
  ...GENERATE_REASONS,
} as const satisfies Record<string, Reason>

export type ReasonName = keyof typeof REASONS

export const reason = (name: ReasonName): Reason => REASONS[name]
